from __future__ import annotations

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("outbound", "0010_find_who_opted_out"),
    ]

    operations = [
        migrations.CreateModel(
            name="Suppression",
            fields=[
                ("digest", models.TextField(primary_key=True, serialize=False)),
                ("key_id", models.TextField(verbose_name="key")),
                (
                    "since",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="since"),
                ),
            ],
            options={
                "verbose_name": "suppression",
                "verbose_name_plural": "suppressions",
                "db_table": "suppressions",
            },
        ),
        migrations.RemoveConstraint(
            model_name="contact",
            name="contacts_phone_is_e164",
        ),
        migrations.AddField(
            model_name="contact",
            name="erased_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="erased at"),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("erased_at", None), ("phone__regex", "^[0-9]{7,15}$")),
                    models.Q(
                        ("erased_at__isnull", False),
                        ("name", ""),
                        ("opted_out_at__isnull", False),
                        ("phone__startswith", "erased-"),
                    ),
                    _connector="OR",
                ),
                name="contacts_phone_is_e164_until_erased",
            ),
        ),
    ]
