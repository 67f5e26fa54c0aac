"""Gunicorn's settings, which it reads from the folder it is started in.

There is no access log (`julia.logs` silences it): a link's token is in its query.
Threads, so that a slow client keeps a thread waiting and not the whole process.
"""

from __future__ import annotations

from julia import environment, logs

worker_class = "gthread"
threads = 4
logconfig_dict = logs.configuration(
    level=environment.text("LOG_LEVEL", "INFO"), in_production=environment.text("JULIA_ENV") == "production"
)
