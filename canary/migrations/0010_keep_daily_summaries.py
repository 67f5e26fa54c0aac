from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("canary", "0005_keep_health_and_rollout")]

    operations = [
        migrations.CreateModel(
            name="DailySummary",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False, verbose_name="day")),
                ("told_at", models.DateTimeField(verbose_name="told at")),
            ],
            options={
                "verbose_name": "daily summary",
                "verbose_name_plural": "daily summaries",
                "db_table": "daily_summaries",
                "ordering": ["-day"],
            },
        ),
    ]
