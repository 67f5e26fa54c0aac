from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outbound", "0003_keep_evidence")]

    operations = [
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("opted_out_at__isnull", False)),
                fields=["id", "opted_out_at"],
                name="contacts_opted_out",
            ),
        ),
    ]
