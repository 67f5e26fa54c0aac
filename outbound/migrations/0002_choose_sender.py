from __future__ import annotations

from django.db import migrations

from canary.migration_operations import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("outbound", "0001_create_messages")]
    operations = [RunSQLFile(__file__, "0002_choose_sender")]
