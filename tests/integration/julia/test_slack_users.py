"""`manage.py slack_users`: who may use the console is bound by somebody, with an event."""

from __future__ import annotations

from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from julia.access import Level, level_of
from julia.slack.models import SlackIdentity
from tests.factories import outbound


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("slack_users", *arguments, "--actor", "chefe", stdout=out)
    return out.getvalue()


@pytest.fixture
def ana(outbox_ready: None) -> object:
    return get_user_model().objects.create_user("ana", is_staff=True)


def test_the_groups_are_there_and_include_each_other(outbox_ready: None) -> None:
    held = {group.name: sorted(group.permissions.values_list("codename", flat=True)) for group in Group.objects.all()}

    assert held == {
        "viewer": ["see_julia"],
        "operator": ["operate_julia", "see_julia"],
        "admin": ["grow_julia", "operate_julia", "see_julia"],
    }


def test_somebody_is_bound_moved_listed_and_unbound(ana: object) -> None:
    run("bind", "U061F7AUR", "ana", "--role", "operator")
    run("bind", "U061F7AUR", "ana", "--role", "viewer")

    assert "U061F7AUR" in run("list")
    assert level_of(SlackIdentity.objects.get().user) is Level.VIEWER
    run("unbind", "U061F7AUR")
    assert SlackIdentity.objects.count() == 0
    recorded = [event.event_props for event in outbound.events("slack_access_changed")]
    assert [(props["what"], props["actor_id"]) for props in recorded] == [
        ("bound", "chefe"), ("bound", "chefe"), ("unbound", "chefe")
    ]  # fmt: skip


def test_who_is_no_staff_is_told_what_that_means(ana: object) -> None:
    get_user_model().objects.create_user("bia")

    assert "equipe (staff)" in run("bind", "U0BIA", "bia")
    assert "staff" not in run("bind", "U0ANA", "ana")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("bind", "U0ANA", "ninguem"), "Não existe o usuário ninguem"),
        (("bind", "ana@example.org", "ana"), "não é um id de usuário do Slack"),
        (("bind", "", "ana"), "não é um id de usuário do Slack"),
        (("unbind", "U0ANA"), "Ninguém está ligado"),
    ],
)
def test_what_cannot_be_is_told(arguments: tuple[str, ...], words: str, ana: object) -> None:
    with pytest.raises(CommandError, match=words):
        run(*arguments)


def test_a_user_named_by_an_e_mail_cannot_act(ana: object) -> None:
    get_user_model().objects.create_user("ana@example.org")

    with pytest.raises(CommandError, match="não pode ser e-mail"):
        run("bind", "U0ANA", "ana@example.org")
    assert SlackIdentity.objects.count() == 0
