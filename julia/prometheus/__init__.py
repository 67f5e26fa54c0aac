"""`/metrics`: what Prometheus asks every few seconds, and what the alerts and the dashboard are made of
(`docs/prometheus/alerts.yml`, `docs/grafana/julia.json`).

Several processes on several machines serve and send, and any of them may be asked: so nothing here is counted in a
process. All of it is read from PostgreSQL at that moment, and is the same whoever answers and however often he was
restarted. What is counted only ever grows (`canary.tallies`). Labels are closed sets, and our own numbers' names.
"""
