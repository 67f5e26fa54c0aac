"""Gunicorn's settings, which it reads from the folder it is started in.

There is no access log; whoever turns one on gets paths without their queries, as a link's token is in its query.
"""

from __future__ import annotations

access_log_format = '%(h)s %(t)s "%(m)s %(U)s" %(s)s %(b)s %(M)s ms'
