from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

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
    ]
