from __future__ import annotations

from django.db import migrations

from canary.migration_operations import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("canary", "0002_create_flags")]
    operations = [RunSQLFile(__file__, "0003_keep_flag_history")]
