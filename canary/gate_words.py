"""What a gate's criteria mean, and what is missing, in the words of the people who operate Julia."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from canary import prerequisites
from canary.criteria import Code, Criterion, Lack, Missing

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise  # exists in the stubs only

CRITERIA: dict[str, _StrPromise] = {
    Code.LONG_ENOUGH: _("Long enough where we stand"),
    Code.METRICS_HELD: _("All metrics within their thresholds"),
    Code.NO_GAP: _("No gap in the snapshots"),
    Code.NO_INCIDENT: _("No P0 or P1 incident"),
    Code.SWITCHES_DRILLED: _("Both kill switches drilled"),
    Code.PLAYBOOK_DRILLED: _("The whole playbook drilled in this phase"),
    Code.ENOUGH_SENDS: _("Enough messages to judge by"),
    Code.ERROR_RATE: _("Provider errors proven under 1%"),
}

LACKS: dict[Lack, _StrPromise] = {
    Lack.POSITION_UNKNOWN: _("The percentage ({pct}%) was changed by other means; a rollback sets it right."),
    Lack.TOO_SOON: _("Here since {entered_at}; {hours} h are needed."),
    Lack.METRIC_VIOLATED: _("{metric}: out of its threshold or not read in {snapshots} snapshots, last at {last_at}."),
    Lack.NOTHING_MEASURED: _("No snapshot of the window yet."),
    Lack.GAP: _("No snapshot between {since} and {until}."),
    Lack.INCIDENT: _("Incident {id}: {severity} {kind} ({state})."),
    Lack.DRILL_MISSING: _("Not drilled in the window: manage.py drill {drill}"),
    Lack.DRILL_FAILED: _("The last drill did not pass, or is not over: manage.py drill {drill}"),
    Lack.TOO_FEW_SENDS: _("{sends} of {needed} messages."),
    Lack.RATE_NOT_PROVEN: _(
        "{errors} errors in {attempts} attempts: may be as high as {upper}; {still_needed} more without an error."
    ),
    Lack.NOT_FOUND: _("Not found in the running system. {found}"),
}
# What was seen of a criterion that is met.
SEEN: dict[str, _StrPromise] = {
    Code.LONG_ENOUGH: _("Here since {entered_at}; {hours} h are needed."),
    Code.ENOUGH_SENDS: _("{sends} of {needed} messages."),
    Code.ERROR_RATE: _("{errors} errors in {attempts} attempts: at most {upper}."),
}
STATES = {"open": _("open"), "resolved": _("resolved")}


def name_of(code: str) -> str:
    """Name a criterion to people."""
    return str(CRITERIA[code]) if code in CRITERIA else prerequisites.label(code)


def says(missing: Missing) -> str:
    """Say what is missing, with its counts, names and local times."""
    details = {key: _shown(key, value) for key, value in missing.details.items()}
    if missing.reason is Lack.NOT_FOUND:
        details = {"found": ", ".join(f"{key}: {value}" for key, value in details.items())}
    return str(LACKS[missing.reason]).format(**details).strip()


def earliest(criterion: Criterion) -> str:
    """Say when a criterion can be met at the earliest; empty when it is."""
    if criterion.is_met:
        return ""
    return local(criterion.earliest_at) if criterion.earliest_at else gettext("as soon as it is done")


def local(at: datetime) -> str:
    """Write an instant as the people who operate Julia read it."""
    return timezone.localtime(at).strftime("%d/%m/%Y %H:%M")


def seen(criterion: Criterion) -> str:
    """Say what was seen of a criterion that is met."""
    details = {key: _shown(key, value) for key, value in criterion.details.items()}
    sentence = SEEN.get(criterion.code)
    return str(sentence).format(**details) if sentence else ", ".join(details.values())


def _shown(key: str, value: Any) -> str:
    if isinstance(value, datetime):
        return local(value)
    if key == "upper":
        return f"{number_format(100 * value, 2)}%"
    return str(STATES[value]) if key == "state" else str(value)
