"""The manifest creates the Slack app with every command there is, as it is written, and no scope that nothing uses."""

from __future__ import annotations

import json
import re
from typing import Any

from django.urls import reverse

from julia.processes import BASE_DIR
from julia.slack.commands import SLASHES, USAGE

SITE = "https://julia.example.org"
# What Slack keeps for itself: an app that wants one of them cannot be created.
SLACKS_OWN = frozenset(
    [
        "archive",
        "active",
        "apps",
        "away",
        "call",
        "collapse",
        "dm",
        "expand",
        "feed",
        "feedback",
        "invite",
        "join",
        "kick",
        "leave",
        "me",
        "msg",
        "mute",
        "open",
        "prefs",
        "remind",
        "remove",
        "rename",
        "search",
        "shortcuts",
        "shrug",
        "star",
        "status",
        "topic",
        "who",
        "help",
    ]
)
LONGEST_NAME, LONGEST_DESCRIPTION, LONGEST_HINT = 32, 2000, 1000


MANIFEST = (BASE_DIR / "slack-app-manifest.yml").read_text(encoding="utf-8")
# One command a line, each in the JSON that YAML can hold.
COMMANDS: list[dict[str, Any]] = [json.loads(line) for line in re.findall(r"(?m)^    - (\{.*\})$", MANIFEST)]


def test_the_manifest_has_every_command_with_its_usage_and_no_other() -> None:
    listed = {item["command"]: item.get("usage_hint", "") for item in COMMANDS}

    assert listed == {"/julia": "ajuda"} | {f"/{SLASHES[name]}": usage for name, usage in USAGE.items()}


def test_the_manifest_asks_for_nothing_that_slack_refuses() -> None:
    for item in COMMANDS:
        name = item["command"].removeprefix("/")
        assert name not in SLACKS_OWN
        assert len(name) <= LONGEST_NAME
        assert 0 < len(item["description"]) <= LONGEST_DESCRIPTION
        assert len(item.get("usage_hint", "")) <= LONGEST_HINT
        # A phone would arrive as a link.
        assert item["should_escape"] is False


def test_the_manifest_points_at_our_two_endpoints() -> None:
    urls = {item["url"] for item in COMMANDS}

    assert urls == {SITE + reverse("slack_commands")}
    assert f"    request_url: {SITE}{reverse('slack_interactions')}\n" in MANIFEST


def test_the_manifest_asks_for_the_scopes_that_are_used() -> None:
    assert "  scopes:\n    bot:\n      - commands\n      - chat:write\nsettings:\n" in MANIFEST
