from __future__ import annotations

from django.db import migrations

from canary.migration_operations import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("canary", "0080_tally_events")]
    operations = [RunSQLFile(__file__, "0090_look_for_persons_faster")]
