from __future__ import annotations

from django.db import migrations

from canary.migration_operations import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("canary", "0030_hold_drills_with_a_lease")]
    operations = [RunSQLFile(__file__, "0050_refuse_to_empty")]
