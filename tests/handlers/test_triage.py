"""The triage handler on the simulated Sentry: by the rules that ship with it, and by those of a file."""

from pathlib import Path
from typing import Any

import pytest

from handlers.triage import triage
from vedette.testing import Delivered, SentryWorld

RULE = '[[rule]]\nname = "mine"\non = "issue.created"\nwhen = "{when}"\nthen = [{then}]\n{more}\n'


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Writes triage.toml beside the settings file."""
    (tmp_path / "vedette.toml").touch()
    monkeypatch.setenv("VEDETTE_CONFIG", str(tmp_path / "vedette.toml"))

    def write(then: str, when: str = "", more: str = "") -> None:
        (tmp_path / "triage.toml").write_text(RULE.format(when=when, then=then, more=more))

    return write


@pytest.fixture(autouse=True)
def no_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "vedette.toml").touch()
    monkeypatch.setenv("VEDETTE_CONFIG", str(tmp_path / "vedette.toml"))


def test_an_example_of_sentry_s_is_resolved(sentry_world: SentryWorld) -> None:
    delivered = sentry_world.deliver(triage, "issue.created", title="This is an example Python exception")
    assert (delivered.error, sentry_world.issue.status) == (None, "resolved")
    assert delivered.did == (f"resolved {sentry_world.issue.short_id} (rule Sentry's own example events are resolved)",)


@pytest.mark.parametrize("title", ["Script error.", "ResizeObserver loop limit exceeded"])
def test_noise_is_archived_until_it_escalates(sentry_world: SentryWorld, title: str) -> None:
    assert sentry_world.deliver(triage, "issue.created", title=title).ran
    assert (sentry_world.issue.status, sentry_world.issue.substatus) == ("ignored", "archived_until_escalating")


def test_whom_sentry_suggests_gets_the_issue(sentry_world: SentryWorld) -> None:
    delivered = sentry_world.deliver(triage, "issue.created")
    assert delivered.error is None
    assert sentry_world.issue.assignee
    assert sentry_world.issue.assignee.subject.slug == "berth-ops"  # type: ignore[union-attr]
    assert delivered.audit[0].text("because") == "rule whom Sentry suggests gets the issue"


def test_events_that_no_rule_asks_for_are_not_wanted(sentry_world: SentryWorld) -> None:
    assert not sentry_world.deliver(triage, "error.created").ran


def test_rules_beside_the_settings_take_the_place_of_those_that_ship(sentry_world: SentryWorld, rules: Any) -> None:
    rules('{ priority = "low" }, { assign = "#berth-ops" }', "is:unassigned")
    delivered = sentry_world.deliver(triage, "issue.created")
    assert delivered.error is None
    assert sentry_world.issue.priority == "low"
    assert [line.partition(" (")[2] for line in delivered.did] == ["rule mine)", "rule mine)"]
    again = sentry_world.deliver(triage, "issue.created")
    assert again.did == (f"{sentry_world.issue.short_id} has changed meanwhile, so that mine no longer matches",)
    assert again.audit == ()


def test_a_rule_is_as_careful_as_it_says_and_the_audit_names_it(sentry_world: SentryWorld, rules: Any) -> None:
    rules('{ priority = "low" }', more='mode = "propose"')
    delivered = sentry_world.deliver(triage, "issue.created")
    assert sentry_world.issue.priority != "low"
    assert delivered.decisions == ["proposed"]
    assert delivered.did[0].endswith("(rule mine)")
    rules('{ priority = "low" }', more='mode = "act"')
    assert sentry_world.deliver(triage, "issue.created", mode="observe").decisions[-1:] == ["observed"]
    assert sentry_world.issue.priority != "low"


def test_an_issue_is_left_alone_within_a_rule_s_cooldown(sentry_world: SentryWorld, rules: Any) -> None:
    rules('{ priority = "low" }', more='cooldown = "1h"')
    assert sentry_world.deliver(triage, "issue.created").decisions
    sentry_world.issue.priority = "high"
    assert "within its cooldown" in sentry_world.deliver(triage, "issue.created").did[0]
    assert sentry_world.issue.priority == "high"


def test_a_run_says_why_no_rule_matches(sentry_world: SentryWorld, rules: Any) -> None:
    rules('{ priority = "low" }', "level:fatal")
    delivered = sentry_world.deliver(triage, "issue.created")
    assert delivered.did == ("mine does not match",)
    assert delivered.record.reasons == "mine: no  level:fatal (level is error)"
    assert delivered.record.rules == []


def test_a_run_s_record_has_the_rules_that_matched_and_what_they_brought_about(
    sentry_world: SentryWorld, rules: Any
) -> None:
    rules('{ priority = "low" }', more='mode = "act"')
    records = [
        sentry_world.deliver(triage, "issue.created", mode="observe").record,
        sentry_world.deliver(triage, "issue.created", mode="propose").record,
        sentry_world.deliver(triage, "issue.created", mode="act").record,
    ]
    assert [record.rules for record in records] == [["mine"]] * 3
    assert [record.effect for record in records] == ["observed", "proposed", "acted"]


def test_what_the_payload_does_not_say_is_read_from_sentry(sentry_world: SentryWorld, rules: Any) -> None:
    rules('{ priority = "low" }', "environment:production !has:nonsense is:for_review")
    delivered: Delivered = sentry_world.deliver(triage, "issue.created")
    assert (delivered.error, sentry_world.issue.priority) == (None, "low")


def test_an_action_that_is_refused_fails_the_run_and_not_the_others(sentry_world: SentryWorld, rules: Any) -> None:
    rules('{ assign = "#nobody-here" }, { priority = "low" }')
    delivered = sentry_world.deliver(triage, "issue.created")
    assert "could not assign to #nobody-here" in str(delivered.error)
    assert sentry_world.issue.priority == "low"
