from __future__ import annotations

from django.db import migrations

from canary.migration_operations import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("canary", "0010_keep_daily_summaries")]
    operations = [RunSQLFile(__file__, "0020_keep_rollout_history")]
