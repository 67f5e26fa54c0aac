"""Chaos: whatever dies at whatever moment, every accepted message reaches the provider once, or waits for a person.

    make chaos                      # the short version: minutes
    make chaos ARGS=--full          # 2,000 messages, five seeds, every outage at its full length

Real workers, cron, PostgreSQL, Redis and provider sandbox for each scenario. Each has a sabotage twin, the same run
with the guard removed, that must fail: it shows that the run can see what it looks for.
"""
