from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("julia", "0001_bind_slack_users")]

    operations = [
        migrations.CreateModel(
            name="SlackRequest",
            fields=[
                ("key", models.TextField(primary_key=True, serialize=False)),
                ("received_at", models.DateTimeField(verbose_name="received at")),
            ],
            options={
                "verbose_name": "Slack request",
                "verbose_name_plural": "Slack requests",
                "db_table": "slack_requests",
                "indexes": [models.Index(fields=["received_at"], name="slack_requests_received")],
            },
        ),
    ]
