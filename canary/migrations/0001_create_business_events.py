from __future__ import annotations

from django.db import migrations, models

from canary.migration_operations import RunSQLFile


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        RunSQLFile(
            __file__,
            "0001_create_business_events",
            state_operations=[
                migrations.CreateModel(
                    name="BusinessEvent",
                    fields=[
                        ("id", models.BigAutoField(primary_key=True, serialize=False)),
                        ("ts", models.DateTimeField(verbose_name="when")),
                        ("event_type", models.TextField(verbose_name="event type")),
                        ("source", models.TextField(verbose_name="source")),
                        ("cliente_id", models.UUIDField(null=True, verbose_name="contact")),
                        ("conversation_id", models.UUIDField(null=True, verbose_name="conversation")),
                        ("event_props", models.JSONField(default=dict, verbose_name="properties")),
                    ],
                    options={
                        "db_table": "business_events",
                        "verbose_name": "event",
                        "verbose_name_plural": "events",
                    },
                ),
            ],
        ),
    ]
