from __future__ import annotations

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("canary", "0020_keep_rollout_history"),
    ]

    operations = [
        migrations.AddField(
            model_name="drill",
            name="lease_until",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="held until"
            ),
        ),
        migrations.AddConstraint(
            model_name="drill",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("ended_at",),
                name="drills_one_at_a_time",
                nulls_distinct=False,
            ),
        ),
    ]
