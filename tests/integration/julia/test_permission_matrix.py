"""Who may do what in the admin: each screen, action and question for each group, with what is expected written out.

What is registered and not written here fails, so that nothing new is open to anybody by accident. There are no exports:
one would be an action, and stand here.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.test import Client
from django.urls import get_resolver, reverse

from canary.models import Incident
from julia.access import Level
from outbound.killswitch import Switch
from tests.factories import people
from tests.integration.julia.test_garbage import rows

# Screens are registered with the URLs.
assert get_resolver().url_patterns
REGISTERED = {model._meta.label: model for model in admin.site._registry}
Outcomes = dict[Level | None, tuple[int, ...]]
GROUPS: list[Level | None] = [None, *Level]

# Seen by every group, changed by nobody: list, record, form to add, form sent, deleting.
SHOWN: Outcomes = {None: (403, 403, 403, 403, 403), **dict.fromkeys(Level, (200, 200, 403, 403, 403))}
# For superusers only, whatever the group: they say who may log in, and who tried to.
HIDDEN: Outcomes = dict.fromkeys(GROUPS, (403, 403, 403, 403, 403))
# A list with no records behind it.
LISTED: Outcomes = {None: (403, 404, 404, 404, 404), **dict.fromkeys(Level, (200, 404, 404, 404, 404))}
SCREENS = {
    "canary.BusinessEvent": SHOWN,
    "canary.FeatureFlag": SHOWN,
    "canary.FeatureFlagChange": SHOWN,
    "canary.PhaseTransition": SHOWN,
    "canary.HealthSnapshot": SHOWN,
    "canary.Drill": SHOWN,
    "canary.Incident": SHOWN,
    "outbound.Contact": SHOWN,
    "outbound.OutboundMessage": SHOWN,
    "outbound.Sender": SHOWN,
    "outbound.Campaign": SHOWN,
    "handoff.ExternalHandoff": SHOWN,
    "handoff.Vaga": SHOWN,
    "auth.User": HIDDEN,
    "auth.Group": HIDDEN,
    "axes.AccessAttempt": HIDDEN,
    "axes.AccessLog": HIDDEN,
    "axes.AccessFailureLog": HIDDEN,
    "django_rq.Dashboard": LISTED,
}
# The least group that may; those above it may, too.
ACTIONS_OF_A_RECORD = {
    ("outbound.Contact", "why_not"): Level.VIEWER,
    ("outbound.Contact", "opt_out"): Level.OPERATOR,
    ("outbound.Contact", "opt_in"): Level.OPERATOR,
    ("outbound.OutboundMessage", "story"): Level.VIEWER,
    ("outbound.OutboundMessage", "settle"): Level.OPERATOR,
    ("outbound.OutboundMessage", "cancel"): Level.OPERATOR,
    ("outbound.Sender", "resume"): Level.OPERATOR,
    ("outbound.Campaign", "look"): Level.VIEWER,
    ("outbound.Campaign", "rehearse"): Level.VIEWER,
    **{
        ("outbound.Campaign", what): Level.OPERATOR
        for what in ("add_file", "add_found", "schedule", "start", "pause", "resume", "cancel")
    },
}
ACTIONS_OF_A_LIST = {
    ("outbound.OutboundMessage", "cancel_selected"): Level.OPERATOR,
    ("handoff.ExternalHandoff", "expire"): Level.OPERATOR,
    ("handoff.ExternalHandoff", "revert"): Level.OPERATOR,
    ("handoff.ExternalHandoff", "confirm"): Level.OPERATOR,
    ("handoff.ExternalHandoff", "refuse"): Level.OPERATOR,
    ("axes.AccessAttempt", "cleanup_expired_attempts"): None,  # HIDDEN as its list is
}
QUESTIONS: dict[tuple[str, ...], Level] = {
    ("panel_now",): Level.VIEWER,
    ("panel_trend",): Level.VIEWER,
    **{("panel_switch", switch, to): Level.OPERATOR for switch, to in product(Switch, ("on", "off"))},
    ("panel_canary", "rollback"): Level.OPERATOR,
    ("panel_canary", "promote"): Level.ADMIN,
    ("panel_incident", "PK", "acknowledge"): Level.OPERATOR,
    ("panel_incident", "PK", "resolve"): Level.OPERATOR,
    ("outbound_outboundmessage_cancel_many",): Level.OPERATOR,
    ("outbound_campaign_draft",): Level.OPERATOR,
}
# These answer with a redirect to the list, and change nothing.
SEARCHES = {"outbound_contact_search", "handoff_externalhandoff_search"}
# Django's and Unfold's own, for every member of staff: one's own password, texts, and searches that ask each screen.
FOR_ALL_STAFF = {"index", "logout", "password_change", "password_change_done", "jsi18n", "autocomplete", "search"}
FOR_ANYBODY = {"login"}
OF_A_SCREEN = ("changelist", "add", "history", "delete", "change", "password_change")


def may(level: Level | None, least: Level | None) -> bool:
    return least is not None and level is not None and least in level.included


def name_of(label: str, what: str) -> str:
    return f"admin:{label.lower().replace('.', '_')}_{what}"


def pk_of(label: str) -> Any:
    model = REGISTERED[label]
    return (model._default_manager.values_list("pk", flat=True).first() if model._meta.managed else None) or "1"


def browser(level: Level | None) -> Client:
    client = people.browser(level)
    client.raise_request_exception = False
    return client


def outcomes(client: Client, label: str) -> tuple[int, ...]:
    base, pk = reverse(name_of(label, "changelist")), pk_of(label)
    asked = [
        client.get(base),
        client.get(f"{base}{pk}/change/"),
        client.get(f"{base}add/"),
        client.post(f"{base}{pk}/change/", {"reason": "x", "key": "x"}),
        client.post(f"{base}{pk}/delete/", {"post": "yes"}),
    ]
    return tuple(answer.status_code for answer in asked)


def named_urls() -> Iterator[str]:
    patterns: list[Any] = admin.site.get_urls()
    for entry in patterns:
        inside = getattr(entry, "url_patterns", [entry])
        yield from (one.name for one in inside if getattr(one, "name", None))


def test_everything_that_is_registered_stands_here() -> None:
    actions = {
        (label, action) for label, model in REGISTERED.items() for action in (admin.site._registry[model].actions or ())
    }
    of_a_record = {
        (label, action)
        for label, model in REGISTERED.items()
        for action in getattr(admin.site._registry[model], "actions_detail", ())
    }

    assert set(REGISTERED) == set(SCREENS)
    assert actions == set(ACTIONS_OF_A_LIST)
    assert of_a_record == set(ACTIONS_OF_A_RECORD)


def test_every_address_of_the_admin_stands_here() -> None:
    prefixes = [label.lower().replace(".", "_") for label in REGISTERED]
    known = {f"{prefix}_{what}" for prefix, what in product(prefixes, OF_A_SCREEN)}
    known |= {question[0] for question in QUESTIONS} | SEARCHES | FOR_ALL_STAFF | FOR_ANYBODY

    unknown = {name for name in named_urls() if name not in known and not name.startswith("django_rq_")}
    of_records = {f"{label.lower().replace('.', '_')}_{action}" for label, action in ACTIONS_OF_A_RECORD}

    # Unfold names the address of an action after it.
    assert unknown <= of_records | {"app_list", "view_on_site"}, unknown - of_records


@pytest.mark.parametrize("level", GROUPS)
def test_each_screen_shows_and_changes_what_it_may(level: Level | None, something_of_everything: None) -> None:
    client, before = browser(level), rows()

    assert {label: outcomes(client, label) for label in SCREENS} == {
        label: kind[level] for label, kind in SCREENS.items()
    }
    assert rows() == before


@pytest.mark.parametrize("level", GROUPS)
def test_each_action_on_a_record_is_open_to_who_may(level: Level | None, something_of_everything: None) -> None:
    client, before = browser(level), rows()

    for (label, action), least in ACTIONS_OF_A_RECORD.items():
        url = reverse(name_of(label, action), args=[pk_of(label)])
        assert client.get(url).status_code == (200 if may(level, least) else 403), (label, action)
        if not may(level, least):
            assert client.post(url, {"reason": "x", "word": "sent"}).status_code == 403
    assert rows() == before


@pytest.mark.parametrize("level", GROUPS)
def test_each_action_on_a_list_is_open_to_who_may(level: Level | None, something_of_everything: None) -> None:
    client, before = browser(level), rows()

    for (label, action), least in ACTIONS_OF_A_LIST.items():
        chosen = {"action": action, ACTION_CHECKBOX_NAME: [str(pk_of(label))]}
        asked = client.post(reverse(name_of(label, "changelist")), chosen)
        # Who may is asked why, or led to the question; who may not is shown the list again, or nothing.
        is_question = asked.status_code == 200 and "cl" not in asked.context
        leads_on = is_question or "cancel" in asked.headers.get("Location", "")
        assert leads_on == may(level, least), (label, action, asked.status_code)
        if not may(level, least):
            client.post(reverse(name_of(label, "changelist")), {**chosen, "reason": "x"})
    assert rows() == before


@pytest.mark.parametrize("level", GROUPS)
def test_each_question_of_the_panel_is_open_to_who_may(level: Level | None, something_of_everything: None) -> None:
    client, before = browser(level), rows()

    for (name, *parts), least in QUESTIONS.items():
        pk = Incident.objects.values_list("pk", flat=True)[0]
        url = reverse(f"admin:{name}", args=[pk if part == "PK" else str(part) for part in parts])
        if name.endswith("cancel_many"):
            url += f"?ids={pk_of('outbound.OutboundMessage')}"
        assert client.get(url).status_code == (200 if may(level, least) else 403), url
        if not may(level, least):
            assert client.post(url, {"reason": "x", "seen": 0, "to_pct": 0}).status_code == 403, url
    assert rows() == before


@pytest.mark.parametrize("level", GROUPS)
def test_a_search_is_open_to_who_sees_and_what_is_for_staff_to_all_of_them(
    level: Level | None, outbox_ready: None
) -> None:
    client = browser(level)

    for name in SEARCHES:
        answer = client.post(reverse(f"admin:{name}"), {"term": "ana"})
        assert answer.status_code == (302 if may(level, Level.VIEWER) else 403)
    assert client.get(reverse("admin:index")).status_code == 200
    assert client.get(reverse("admin:search"), {"s": "a"}).status_code == 200


@pytest.mark.parametrize("level", GROUPS)
def test_rq_is_looked_at_by_who_sees_and_changed_by_admins(level: Level | None, outbox_ready: None) -> None:
    client = browser(level)
    listed = reverse("admin:django_rq_dashboard_changelist")
    addresses = [f"{listed}{rest}" for rest in ("queues/0/", "queues/0/failed/", "workers/0/", "stats.json", "metrics")]
    buttons = [f"{listed}queues/0/{rest}/" for rest in ("empty", "requeue-all", "failed/clear", "x/delete", "x/stop")]

    looked = {client.get(address).status_code == 403 for address in addresses}
    pressed = {client.post(button).status_code == 403 for button in buttons}

    assert looked == {not may(level, Level.VIEWER)}
    assert pressed == {not may(level, Level.ADMIN)}


def test_a_superuser_sees_who_may_log_in_and_who_tried(outbox_ready: None) -> None:
    client = Client()
    user = people.user(None)
    user.is_superuser = True
    user.save(update_fields=["is_superuser"])
    client.force_login(user)

    for label in ("auth.User", "auth.Group", "axes.AccessAttempt"):
        assert client.get(reverse(name_of(label, "changelist"))).status_code == 200


def test_who_is_no_longer_staff_or_active_gets_nowhere(outbox_ready: None) -> None:
    for change in ("is_staff", "is_active"):
        user = people.user(Level.ADMIN)
        client = Client()
        client.force_login(user)
        assert client.get(reverse("admin:panel_now")).status_code == 200

        setattr(user, change, False)
        user.save(update_fields=[change])

        assert client.get(reverse("admin:panel_now")).status_code == 302
