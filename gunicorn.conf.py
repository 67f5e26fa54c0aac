"""Gunicorn's settings, which it reads from the folder it is started in.

There is no access log (`julia.logs` silences it): a link's token is in its query.
Our own worker, so that a slow client keeps nobody waiting: see there.
"""

from __future__ import annotations

from julia import environment, logs

worker_class = "julia.patient_worker.PatientWorker"
threads = 4
keepalive = 0  # as the worker expects
worker_connections = 200  # each may hold a body of 1 MB
logconfig_dict = logs.configuration(
    level=environment.text("LOG_LEVEL", "INFO"), in_production=environment.text("JULIA_ENV") == "production"
)
