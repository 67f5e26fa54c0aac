from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("canary", "0004_find_more_phones"),
    ]

    operations = [
        migrations.CreateModel(
            name="HealthSnapshot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("taken_at", models.DateTimeField(unique=True, verbose_name="taken at")),
                ("since", models.DateTimeField(verbose_name="since")),
                ("readings", models.JSONField(verbose_name="readings")),
            ],
            options={
                "verbose_name": "health snapshot",
                "verbose_name_plural": "health snapshots",
                "db_table": "health_snapshots",
                "ordering": ["-taken_at"],
            },
        ),
        migrations.CreateModel(
            name="Drill",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.TextField(verbose_name="drill")),
                ("pct", models.PositiveSmallIntegerField(verbose_name="percentage")),
                ("started_at", models.DateTimeField(verbose_name="started at")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                ("actor", models.TextField(verbose_name="who")),
                ("passed", models.BooleanField(blank=True, null=True, verbose_name="passed")),
                ("evidence", models.JSONField(default=dict, verbose_name="evidence")),
            ],
            options={
                "verbose_name": "drill",
                "verbose_name_plural": "drills",
                "db_table": "drills",
                "ordering": ["-started_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("passed", None), ("ended_at__gte", models.F("started_at")), _connector="OR"
                        ),
                        name="drills_judged_when_ended",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Incident",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "severity",
                    models.TextField(
                        choices=[("P0", "P0"), ("P1", "P1"), ("P2", "P2"), ("P3", "P3")], verbose_name="severity"
                    ),
                ),
                ("kind", models.TextField(verbose_name="kind")),
                ("subject", models.TextField(blank=True, default="", verbose_name="subject")),
                ("opened_at", models.DateTimeField(verbose_name="opened at")),
                ("opened_by", models.TextField(verbose_name="opened by")),
                ("last_seen_at", models.DateTimeField(verbose_name="last seen at")),
                ("resolved_at", models.DateTimeField(blank=True, null=True, verbose_name="resolved at")),
                ("resolved_by", models.TextField(blank=True, default="", verbose_name="resolved by")),
                ("note", models.TextField(blank=True, default="", verbose_name="note")),
            ],
            options={
                "verbose_name": "incident",
                "verbose_name_plural": "incidents",
                "db_table": "incidents",
                "ordering": ["-opened_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("resolved_at", None)), fields=("kind", "subject"), name="incidents_one_open"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("resolved_at", None),
                            models.Q(
                                ("resolved_at__gte", models.F("opened_at")),
                                models.Q(("resolved_by", ""), _negated=True),
                                models.Q(("note", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="incidents_resolved_by_somebody_with_a_note",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IncidentEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="when")),
                ("actor", models.TextField(verbose_name="who")),
                ("what", models.TextField(verbose_name="what")),
                ("details", models.JSONField(default=dict, verbose_name="details")),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="timeline",
                        to="canary.incident",
                        verbose_name="incident",
                    ),
                ),
            ],
            options={
                "verbose_name": "incident event",
                "verbose_name_plural": "incident events",
                "db_table": "incident_events",
                "ordering": ["at", "id"],
            },
        ),
        migrations.CreateModel(
            name="PhaseTransition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_pct", models.PositiveSmallIntegerField(verbose_name="from")),
                ("to_pct", models.PositiveSmallIntegerField(verbose_name="to")),
                ("at", models.DateTimeField(verbose_name="when")),
                ("actor", models.TextField(verbose_name="who")),
                ("reason", models.TextField(verbose_name="why")),
                ("evidence", models.JSONField(default=dict, verbose_name="evidence")),
            ],
            options={
                "verbose_name": "phase transition",
                "verbose_name_plural": "phase transitions",
                "db_table": "phase_transitions",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("from_pct__lte", 100), ("to_pct__lte", 100)),
                        name="phase_transitions_percentages",
                    )
                ],
            },
        ),
    ]
