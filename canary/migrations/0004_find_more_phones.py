from __future__ import annotations

from django.db import migrations

from canary.migration_operations import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("canary", "0003_keep_flag_history")]
    operations = [RunSQLFile(__file__, "0004_find_more_phones")]
