"""Issue 8, Eyes: dashboard and alert rules can be read, and ask for nothing that `/metrics` does not tell."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from canary import metrics
from julia.processes import BASE_DIR
from outbound import heartbeats
from tests.architecture import plain_yaml, promql
from tests.factories import health

DASHBOARD = BASE_DIR / "docs" / "grafana" / "julia.json"
RULES = BASE_DIR / "docs" / "prometheus" / "alerts.yml"
# A selection of one health metric, compared with a number.
THRESHOLD = re.compile(r'julia_slo_value\{slo="(\w+)"\} (>|>=) ([0-9.]+)')

Exposed = Mapping[str, list[Mapping[str, str]]]


def alert_rules() -> list[dict[str, Any]]:
    return [rule for group in plain_yaml.read(RULES.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    return dict(json.loads(DASHBOARD.read_text(encoding="utf-8")))


def expressions() -> list[str]:
    board = dashboard()
    targets = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    return [
        *targets,
        *(note["expr"] for note in board["annotations"]["list"]),
        *(rule["expr"] for rule in alert_rules()),
    ]


@pytest.fixture
def exposed(outbox_ready: None, client: Client, now: datetime) -> Exposed:
    """The label sets of each metric, once everything has happened that a metric waits for."""
    heartbeats.beat(name=heartbeats.WORKER, now=now)
    health.snapshot(at=now)
    found: defaultdict[str, list[Mapping[str, str]]] = defaultdict(list)
    for family in text_string_to_metric_families(client.get("/metrics").content.decode()):
        for sample in family.samples:
            found[sample.name].append(sample.labels)
    return found


def test_every_question_is_about_metrics_and_labels_that_there_are(exposed: Exposed) -> None:
    assert len(expressions()) > 40

    for expression in expressions():
        question = promql.read(expression)
        assert question.selections, expression
        for selection in question.selections:
            assert selection.metric in exposed, (selection.metric, expression)
            wanted = {label: re.compile(value) for label, value in selection.matchers}
            fitting = [
                labels
                for labels in exposed[selection.metric]
                if all(label in labels and value.fullmatch(labels[label]) for label, value in wanted.items())
            ]
            assert fitting, (selection, expression)
        known = {label for selection in question.selections for labels in exposed[selection.metric] for label in labels}
        assert question.grouped_by <= known, expression


def test_every_value_that_a_pattern_allows_is_one_there_is(exposed: Exposed) -> None:
    """`severity=~"P0|P9"` finds something, and would never find P9."""
    for expression in expressions():
        for selection in promql.read(expression).selections:
            for label, pattern in selection.matchers:
                told = {labels[label] for labels in exposed[selection.metric]}
                assert set(pattern.replace("\\", "").split("|")) <= told, expression


def test_every_metric_we_expose_is_on_the_dashboard(exposed: Exposed) -> None:
    asked = {selection.metric for expression in expressions() for selection in promql.read(expression).selections}

    assert {name for name in exposed if name.startswith("julia_")} == asked


def test_every_health_metric_has_a_rule_with_its_own_threshold_and_severity(outbox_ready: None) -> None:
    rules = {
        slo: (operator, float(limit), rule["labels"]["severity"])
        for rule in alert_rules()
        for slo, operator, limit in THRESHOLD.findall(rule["expr"])
    }

    assert rules == {
        metric.name: (">=" if metric.limit else ">", metric.limit, str(metric.severity.value))
        for metric in metrics.registered()
    }


def test_every_rule_says_what_to_do_and_how_bad_it_is() -> None:
    rules = alert_rules()

    names = [rule["alert"] for rule in rules]
    assert len(names) == len(set(names))
    for rule in rules:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}, rule
        assert rule["labels"]["severity"] in {"P0", "P1", "P2"}, rule
        assert rule["annotations"]["summary"], rule
        assert rule["annotations"]["action"], rule
        assert re.fullmatch(r"[0-9]+m", rule.get("for", "0m")), rule


def test_the_dashboards_panels_are_its_own_and_do_not_overlap() -> None:
    panels = dashboard()["panels"]
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]

    assert len({panel["id"] for panel in panels}) == len(panels)
    assert len(cells) == len(set(cells))
    assert max(x for x, _y in cells) < 24


@pytest.mark.parametrize(
    "text",
    [
        "a: b",  # a text without quotes
        'a: "b"\na: "c"',  # twice the same
        'a:\n   b: "c"',  # three blanks
        'a:\n  - "b"',  # a list of texts
        'a: "b',  # never closed
        "a:",  # nothing
        'a: "b"\n  c: "d"',  # deeper than what it belongs to
        '\ta: "b"',
    ],
)  # fmt: skip
def test_what_is_not_plain_yaml_is_refused(text: str) -> None:
    with pytest.raises(plain_yaml.NotPlainError):
        plain_yaml.read(text)


@pytest.mark.parametrize("expression", ["sum(a", "a)", 'a{b="c"', "rato(a)", "a{b=c}"])
def test_what_is_no_promql_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match=r"brackets|function|selects"):
        promql.read(expression)
