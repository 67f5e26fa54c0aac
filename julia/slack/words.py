"""What the console says about itself: refusals, questions, void clicks, and when nothing could be done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from julia.slack.answers import Answer, Audience, escape
from julia.slack.commands import Malformed, Unknown, usage
from julia.slack.confirmations import Void, Why
from julia.slack.permissions import Refusal

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise  # exists in the stubs only

REFUSALS: Mapping[Refusal, _StrPromise] = {
    Refusal.WRONG_WORKSPACE: gettext_lazy("Julia does not listen to this workspace."),
    Refusal.WRONG_CHANNEL: gettext_lazy("Julia does not listen to this channel. Write in the operators' channel."),
    Refusal.UNKNOWN_USER: gettext_lazy("I do not know you yet. Ask an admin of Julia to add your Slack user."),
    Refusal.NO_ROLE: gettext_lazy("You have no role for Julia yet. Ask an admin of Julia for one."),
    Refusal.NOT_ALLOWED: gettext_lazy("Your role does not allow this. Ask somebody who may."),
    Refusal.NOT_STAFF: gettext_lazy("Only staff users may send from here. Ask an admin of Julia."),
}


def refused(why: Refusal) -> Answer:
    return Answer(text=str(REFUSALS[why]))


def unknown(parsed: Unknown) -> Answer:
    text = _("I do not know this command. Did you mean `{nearest}`? `ajuda` lists them all.")
    return Answer(text=text.format(nearest=parsed.nearest))


def malformed(parsed: Malformed) -> Answer:
    return Answer(
        text=_("I did not understand that; nothing was done. It goes like this: `{usage}`").format(
            usage=usage(parsed.name)
        )
    )


def repeated() -> Answer:
    return Answer(text=_("This request came in before; it is not done a second time."))


def void(click: Void) -> Answer:
    """Tell somebody why his click counts for nothing."""
    at = date_format(timezone.localtime(click.at), "H:i") if click.at else ""
    text = {
        Why.UNKNOWN: _("This question no longer exists; nothing was done. Ask again."),
        Why.SOMEBODY_ELSES: _("Only {who} can answer this; your click did nothing."),
        Why.CONFIRMED_BEFORE: _("This was confirmed already at {at}; it is not done a second time."),
        Why.CANCELLED_BEFORE: _("This was cancelled already at {at}; nothing was done."),
        Why.EXPIRED: _("This question expired at {at}; nothing was done. Ask again."),
    }[click.why]
    return Answer(text=text.format(who=escape(click.actor), at=at), replaces=click.why is Why.EXPIRED)


def cancelled() -> Answer:
    return Answer(text=_("Cancelled; nothing was done."), audience=Audience.CHANNEL, replaces=True)


def nothing_done() -> Answer:
    """The database was away, locked or slow."""
    return Answer(
        text=_("The database does not answer in time: nothing was done. Ask again; `status` tells how it stands.")
    )


def not_known() -> Answer:
    """The database fell silent while something was being done."""
    text = _(
        "The database fell silent: I do not know yet whether it was done. If I learn it, I say so here; see `status`."
    )
    return Answer(text=text)


def no_worker() -> Answer:
    return Answer(text=_("No worker can be asked (Redis does not answer): nothing was done."))


def under_way() -> Answer:
    return Answer(text=_("It takes a while; the answer comes here."))


def no_follow_up() -> str:
    return _("I cannot tell when they have ended (Redis does not answer); see `status`.")


def failed() -> Answer:
    return Answer(
        text=_("Something went wrong in the midst of it, and I do not know whether it was done. See `status`.")
    )


def ended(left: int) -> Answer:
    """The follow-up of a stop."""
    if not left:
        return Answer(text=_("The sends that were in flight have ended."), audience=Audience.CHANNEL)
    text = _("{left} sends that were in flight have not ended yet; the reconciler finds out what became of them.")
    return Answer(text=text.format(left=left), audience=Audience.CHANNEL)
