from __future__ import annotations

import uuid

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("julia", "0002_refuse_repeated_slack_requests")]

    operations = [
        migrations.CreateModel(
            name="SlackConfirmation",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("slack_user_id", models.TextField(verbose_name="Slack user")),
                ("actor", models.TextField(verbose_name="who")),
                ("command", models.JSONField(verbose_name="command")),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided at")),
                ("is_confirmed", models.BooleanField(blank=True, null=True, verbose_name="confirmed")),
            ],
            options={
                "verbose_name": "Slack confirmation",
                "verbose_name_plural": "Slack confirmations",
                "db_table": "slack_confirmations",
                "indexes": [models.Index(fields=["asked_at"], name="slack_confirmations_asked")],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(decided_at=None, is_confirmed=None)
                        | Q(decided_at__lt=F("expires_at"), is_confirmed__isnull=False),
                        name="slack_confirmations_decided_in_time",
                    )
                ],
            },
        ),
    ]
