from __future__ import annotations

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models

import outbound.methods


class Migration(migrations.Migration):
    dependencies = [
        ("outbound", "0051_move_extension"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["created_at"], name="contacts_newest"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["kind", "created_at"], name="contacts_by_kind"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("name"), name="text_pattern_ops"
                ),
                name="contacts_by_name",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("opted_out_at__isnull", False)), fields=["opted_out_at"], name="contacts_by_opt_out"
            ),
        ),
        migrations.AddIndex(
            model_name="outboundmessage",
            index=models.Index(fields=["created_at"], name="outbound_messages_newest"),
        ),
        migrations.AddIndex(
            model_name="outboundmessage",
            index=models.Index(fields=["contact", "created_at"], name="outbound_messages_to_contact"),
        ),
        migrations.AddIndex(
            model_name="outboundmessage",
            index=models.Index(fields=["method", "created_at"], name="outbound_messages_by_method"),
        ),
        migrations.AddIndex(
            model_name="outboundmessage",
            index=models.Index(
                condition=models.Q(("reason__isnull", False)),
                fields=["reason", "created_at"],
                name="outbound_messages_by_reason",
            ),
        ),
        migrations.AddIndex(
            model_name="outboundmessage",
            index=models.Index(
                condition=models.Q(
                    ("status__in", [outbound.methods.Status["BLOCKED"], outbound.methods.Status["FAILED"]])
                ),
                fields=["status", "created_at"],
                name="outbound_messages_not_sent",
            ),
        ),
    ]
