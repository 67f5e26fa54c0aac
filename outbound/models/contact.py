from __future__ import annotations

from uuid import uuid4

from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models.functions import Now, Upper
from django.utils.translation import gettext_lazy as _

from outbound.methods import ContactKind

# canary.buckets.bucket, as PostgreSQL computes it: the first 4 bytes of the MD5, big-endian, modulo 100.
BUCKET_SQL = "mod(('x' || substr(md5(%(expressions)s::text), 1, 8))::bit(32)::bigint, 100)::smallint"


class Contact(models.Model):
    """A person we write to, a doctor or a divulgador; one row for one canonical phone.

    Once erased (`erased_at`), nothing but its id is left of the person.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, db_default=RandomUUID())
    kind = models.TextField(
        _("kind"),
        choices=[(ContactKind.DOCTOR, _("doctor")), (ContactKind.DIVULGADOR, _("divulgador"))],
        db_default=ContactKind.DOCTOR.value,
        default=ContactKind.DOCTOR,
    )
    phone = models.TextField(_("phone"), unique=True, help_text=_("E.164 digits, with the ninth digit"))
    name = models.TextField(_("name"), blank=True, default="", db_default="")
    opted_out_at = models.DateTimeField(_("opted out at"), null=True, blank=True)
    opted_out_reason = models.TextField(_("why opted out"), blank=True, default="", db_default="")
    cooling_off_until = models.DateTimeField(_("cooling off until"), null=True, blank=True)
    next_allowed_at = models.DateTimeField(_("next allowed at"), null=True, blank=True)
    bucket = models.GeneratedField(
        expression=models.Func("id", template=BUCKET_SQL, output_field=models.SmallIntegerField()),
        output_field=models.SmallIntegerField(),
        db_persist=True,
        verbose_name=_("canary bucket"),
    )
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    class Meta:
        db_table = "contacts"
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=list(ContactKind)), name="contacts_kind_is_known"),
            models.CheckConstraint(
                condition=models.Q(phone__regex=r"^[0-9]{7,15}$", erased_at=None)
                | models.Q(phone__startswith="erased-", name="", opted_out_at__isnull=False, erased_at__isnull=False),
                name="contacts_phone_is_e164_until_erased",
            ),
        ]
        indexes = [
            # Whether anything left for who is out: asked by health, without reading all contacts.
            models.Index(
                fields=["id", "opted_out_at"], condition=models.Q(opted_out_at__isnull=False), name="contacts_opted_out"
            ),
            models.Index(fields=["created_at"], name="contacts_newest"),
            models.Index(fields=["kind", "created_at"], name="contacts_by_kind"),
            models.Index(OpClass(Upper("name"), name="text_pattern_ops"), name="contacts_by_name"),
            models.Index(
                fields=["opted_out_at"], condition=models.Q(opted_out_at__isnull=False), name="contacts_by_opt_out"
            ),
        ]

    def __str__(self) -> str:
        return self.name or str(self.id)
