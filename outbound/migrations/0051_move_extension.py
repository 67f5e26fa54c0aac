from __future__ import annotations

from django.db import migrations

from canary.migration_operations import RunSQLFile


class Migration(migrations.Migration):
    dependencies = [("outbound", "0050_erase_contacts")]
    operations = [RunSQLFile(__file__, "0051_move_extension")]
