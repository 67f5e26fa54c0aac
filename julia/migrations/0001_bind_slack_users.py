from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("canary", "0005_keep_health_and_rollout"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Console",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
            options={
                "permissions": [
                    ("see_julia", "Can see how Julia stands"),
                    ("operate_julia", "Can stop, resume and operate Julia"),
                    ("grow_julia", "Can let Julia's audience grow"),
                ],
                "managed": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="SlackIdentity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slack_user_id", models.TextField(unique=True, verbose_name="Slack user")),
                ("bound_at", models.DateTimeField(verbose_name="bound at")),
                ("bound_by", models.TextField(verbose_name="bound by")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="slack_identities",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "Slack user",
                "verbose_name_plural": "Slack users",
                "db_table": "slack_identities",
            },
        ),
    ]
