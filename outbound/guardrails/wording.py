"""What a reason means, and what would change it, in the words of the people who operate Julia."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from outbound.guardrails.decision import Outcome, Reason

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise  # exists in the stubs only

OUTCOMES: dict[Outcome, _StrPromise] = {
    Outcome.ALLOW: _("may go out"),
    Outcome.BLOCK: _("blocked"),
    Outcome.DEFER: _("waits"),
}

MEANINGS: dict[Reason, _StrPromise] = {
    Reason.JULIA_PAUSED: _("Julia is paused."),
    Reason.DEV_ALLOWLIST: _("Outside production only listed numbers are written to, and this one is not listed."),
    Reason.INVALID_REPLY: _(
        "There is no inbound message of this contact, in this conversation, of the last 30 minutes."
    ),
    Reason.OPTED_OUT: _("The contact opted out."),
    Reason.OPTED_OUT_BYPASS_NO_REASON: _("The contact opted out, and the bypass gives no reason."),
    Reason.COOLING_OFF: _("The contact is cooling off."),
    Reason.CAMPAIGNS_DISABLED: _("Campaigns are switched off."),
    Reason.CAMPAIGN_PAUSED: _("Its campaign is paused."),
    Reason.EXTERNAL_HANDOFF_DISABLED: _("The bridge (ponte externa) is switched off."),
    Reason.SAFE_MODE: _("Safe mode is on."),
    Reason.OUTSIDE_CANARY: _("The contact is outside the canary's percentage."),
    Reason.QUIET_HOURS: _("It is outside business hours."),
    Reason.NEXT_ALLOWED_AT: _("The contact asked to be left alone until later."),
    Reason.CONTACT_CAP: _("The contact was written to as often as allowed in these days."),
    Reason.RATE_LIMITED: _("A number has sent or received as many messages as allowed in this time."),
    Reason.CIRCUIT_OPEN: _("The circuit of the sending number is open after failures."),
    Reason.SENDER_STOPPED: _("The sending number is stopped or disconnected, or none is registered."),
}

REMEDIES: dict[Reason, _StrPromise] = {
    Reason.JULIA_PAUSED: _("Turn Julia on again: manage.py killswitch julia on --reason …"),
    Reason.DEV_ALLOWLIST: _("Add the number to OUTBOUND_ALLOWLIST."),
    Reason.INVALID_REPLY: _("Nothing: write again once the contact has written."),
    Reason.OPTED_OUT: _("The contact opts in again, or an operator sends from Slack with a bypass reason."),
    Reason.OPTED_OUT_BYPASS_NO_REASON: _("Send it again from Slack with a bypass reason."),
    Reason.COOLING_OFF: _("Time, or an operator's bypass from Slack with a reason."),
    Reason.CAMPAIGNS_DISABLED: _("Turn campaigns on: manage.py killswitch campaigns on --reason …"),
    Reason.CAMPAIGN_PAUSED: _("Resume the campaign: manage.py campaigns resume NAME --reason …"),
    Reason.EXTERNAL_HANDOFF_DISABLED: _("Turn the bridge on: manage.py killswitch external_handoff on --reason …"),
    Reason.SAFE_MODE: _("Turn safe mode off: manage.py killswitch safe_mode off --reason …"),
    Reason.OUTSIDE_CANARY: _("A larger percentage releases it by itself."),
    Reason.QUIET_HOURS: _("It goes out by itself at the next opening."),
    Reason.NEXT_ALLOWED_AT: _("It goes out by itself then; an operator's bypass from Slack is possible."),
    Reason.CONTACT_CAP: _("It goes out by itself when the window frees; an operator's bypass from Slack is possible."),
    Reason.RATE_LIMITED: _("It goes out by itself when the window frees."),
    Reason.CIRCUIT_OPEN: _("It goes out by itself once a probe succeeds; check the Evolution API."),
    Reason.SENDER_STOPPED: _(
        'Connect or mend the instance, then, if it is stopped: manage.py senders resume INSTANCE --reason "…"'
    ),
}
