from __future__ import annotations

import uuid

import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import outbound.methods


class Migration(migrations.Migration):
    dependencies = [
        ("outbound", "0060_find_in_lists"),
    ]

    operations = [
        migrations.CreateModel(
            name="CampaignRecipient",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fed_at", models.DateTimeField(blank=True, null=True, verbose_name="fed at")),
                ("left_out", models.TextField(blank=True, db_default="", default="", verbose_name="left out")),
            ],
            options={
                "verbose_name": "recipient",
                "verbose_name_plural": "recipients",
                "db_table": "campaign_recipients",
            },
        ),
        migrations.CreateModel(
            name="Campaign",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name", models.TextField(verbose_name="name")),
                ("text", models.TextField(verbose_name="text")),
                ("variables", models.JSONField(default=dict, verbose_name="variables")),
                ("content_key", models.UUIDField(editable=False)),
                (
                    "state",
                    models.TextField(
                        choices=[
                            (outbound.methods.CampaignState["DRAFT"], outbound.methods.CampaignState["DRAFT"]),
                            (outbound.methods.CampaignState["SCHEDULED"], outbound.methods.CampaignState["SCHEDULED"]),
                            (outbound.methods.CampaignState["RUNNING"], outbound.methods.CampaignState["RUNNING"]),
                            (outbound.methods.CampaignState["PAUSED"], outbound.methods.CampaignState["PAUSED"]),
                            (outbound.methods.CampaignState["DONE"], outbound.methods.CampaignState["DONE"]),
                            (outbound.methods.CampaignState["CANCELLED"], outbound.methods.CampaignState["CANCELLED"]),
                        ],
                        db_default="draft",
                        default=outbound.methods.CampaignState["DRAFT"],
                        verbose_name="state",
                    ),
                ),
                ("owner", models.TextField(verbose_name="owner")),
                ("starts_at", models.DateTimeField(verbose_name="starts at")),
                ("ends_at", models.DateTimeField(verbose_name="ends at")),
                ("per_minute", models.PositiveIntegerField(blank=True, null=True, verbose_name="messages per minute")),
                ("paced_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="created at"
                    ),
                ),
            ],
            options={
                "verbose_name": "campaign",
                "verbose_name_plural": "campaigns",
                "db_table": "campaigns",
                "indexes": [
                    models.Index(fields=["created_at"], name="campaigns_newest"),
                    models.Index(fields=["content_key"], name="campaigns_by_content"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    outbound.methods.CampaignState["DRAFT"],
                                    outbound.methods.CampaignState["SCHEDULED"],
                                    outbound.methods.CampaignState["RUNNING"],
                                    outbound.methods.CampaignState["PAUSED"],
                                    outbound.methods.CampaignState["DONE"],
                                    outbound.methods.CampaignState["CANCELLED"],
                                ],
                            )
                        ),
                        name="campaigns_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="campaigns_end_after_they_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("per_minute__isnull", True), ("per_minute__gt", 0), _connector="OR"),
                        name="campaigns_pace_is_positive",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", outbound.methods.CampaignState["CANCELLED"]), _negated=True),
                        fields=("name",),
                        name="campaigns_one_per_name",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="outboundmessage",
            name="campaign",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="outbound.campaign",
                verbose_name="campaign",
            ),
        ),
        migrations.AddConstraint(
            model_name="outboundmessage",
            constraint=models.UniqueConstraint(
                condition=models.Q(("campaign__isnull", False)),
                fields=("campaign", "contact"),
                name="outbound_messages_once_per_campaign",
            ),
        ),
        migrations.AddField(
            model_name="campaignrecipient",
            name="campaign",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="recipients",
                to="outbound.campaign",
            ),
        ),
        migrations.AddField(
            model_name="campaignrecipient",
            name="contact",
            field=models.ForeignKey(
                db_column="cliente_id",
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="outbound.contact",
            ),
        ),
        migrations.AddIndex(
            model_name="campaignrecipient",
            index=models.Index(
                condition=models.Q(("fed_at__isnull", True), ("left_out", "")),
                fields=["campaign", "id"],
                name="campaign_recipients_to_feed",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaignrecipient",
            constraint=models.UniqueConstraint(fields=("campaign", "contact"), name="campaign_recipients_once_each"),
        ),
    ]
