"""Each of the ready-made rules acts on the right issue, leaves near misses alone, and costs what its file says."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.vedette.rules.presets.conftest import Shop
from vedette.rules import rules_of
from vedette.rules.presets import UnknownPresetError, ready_names, ready_rules
from vedette.simulator.world import builders, transitions
from vedette.simulator.world.incidents import escalate, trigger_alert
from vedette.simulator.world.people import Assignee

FATAL: dict[str, Any] = {"level": "fatal", "filename": "payments/ledger.py", "project": "payments-api"}
ON_CALL = ("#on-call", "#payments")


def test_each_file_is_a_rules_file_and_says_what_it_does_and_costs() -> None:
    for name in ready_names():
        ready = ready_rules(name)
        rules = rules_of([(f"{name}.toml", ready.text)])
        assert len(rules) > 0
        assert ready.summary.endswith(".")
        costs = re.match(r"Costs (\d) calls for a match, (\d) for ", ready.cost)
        assert costs, name
        # One call more than the actions': what it takes to decide.
        assert max(rule.cost for rule in rules) <= int(costs[1]) + 1


def test_no_two_rules_of_all_files_have_the_same_name() -> None:
    assert rules_of([(name, ready_rules(name).text) for name in ready_names()])


def test_an_unknown_name_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(UnknownPresetError, match="noise"):
        ready_rules("nosie")


async def test_fatal_in_production_goes_to_the_team_on_call(shop: Shop) -> None:
    event, issue = shop.hear(lambda: shop.report(**FATAL, priority="medium"), "issue.created")
    _, calls = await shop.triage("fatal-on-call", event, ON_CALL)
    assert issue.assignee is not None
    assert (issue.assignee.name, issue.priority) == ("payments", "high")
    assert calls == 5


async def test_other_environments_and_levels_do_not_wake_anybody(shop: Shop) -> None:
    others: list[tuple[dict[str, Any], int]] = [
        ({"environment": "staging"}, 1),
        ({"environment": None}, 1),
        ({"level": "error"}, 0),
    ]
    for report, counted in others:
        event, issue = shop.hear(lambda report=report: shop.report(**FATAL | report), "issue.created")
        _, calls = await shop.triage("fatal-on-call", event, ON_CALL)
        assert (issue.assignee, calls) == (None, counted), report


async def test_what_has_an_owner_goes_by_its_folder_to_nobody_else(shop: Shop) -> None:
    for filename, project, owner in (
        ("payments/ledger.py", "payments-api", "payments"),
        ("src/basket/total.tsx", "checkout", "storefront"),
    ):
        event, issue = shop.hear(
            lambda filename=filename, project=project: shop.report(project, filename=filename), "issue.created"
        )
        _, calls = await shop.triage("unowned-by-path", event)
        assert issue.assignee is not None
        assert (issue.assignee.name, calls) == (owner, 3)
    for filename in ("lib/payments/ledger.py", "paymentsapi/ledger.py", "src/checkout.tsx"):
        event, issue = shop.hear(lambda filename=filename: shop.report(filename=filename), "issue.created")
        _, calls = await shop.triage("unowned-by-path", event)
        assert (issue.assignee, calls) == (None, 0), filename


async def test_a_regression_goes_back_to_who_resolved_it(shop: Shop) -> None:
    first = shop.report("payments-api", fingerprint="late")
    transitions.resolve(shop.world, first, shop.person)
    event, issue = shop.hear(lambda: shop.report("payments-api", fingerprint="late"), "issue.unresolved")
    _, calls = await shop.triage("regressions", event)
    assert issue.assignee is not None
    assert issue.assignee.subject is shop.person.user
    assert calls == 2


async def test_what_a_bot_resolved_and_what_somebody_has_stays_as_it_is(shop: Shop) -> None:
    bot = shop.person.__class__(integration=builders.add_integration(shop.world, "Some bot"))
    for resolver, team in ((bot, None), (shop.person, "payments")):
        first = shop.report("payments-api", fingerprint=str(team))
        if team:
            transitions.assign(shop.world, first, shop.person, Assignee(shop.world.team_by_slug[team]))
        transitions.resolve(shop.world, first, resolver)
        event, issue = shop.hear(
            lambda team=team: shop.report("payments-api", fingerprint=str(team)), "issue.unresolved"
        )
        await shop.triage("regressions", event)
        assert (issue.assignee.name if issue.assignee else None) == team


async def test_what_a_person_opens_again_is_no_regression(shop: Shop) -> None:
    first = shop.report()
    transitions.resolve(shop.world, first, shop.person)
    event, issue = shop.hear(lambda: transitions.unresolve(shop.world, first, shop.person), "issue.unresolved")
    _, calls = await shop.triage("regressions", event)
    assert (issue.assignee, calls) == (None, 0)


def test_the_page_has_each_of_them_with_its_cost() -> None:
    page = (Path(__file__).parents[4] / "docs" / "ready-made-rules.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w-]+)` \| (.+) \| (.+) \|$", page, re.MULTILINE)
    assert rows == [(name, ready_rules(name).summary, ready_rules(name).cost) for name in ready_names()]


async def test_what_escalates_is_announced_once(shop: Shop) -> None:
    first = shop.report()
    transitions.archive(shop.world, first, shop.person, "archived_until_escalating")
    event, issue = shop.hear(lambda: escalate(shop.world, first), "issue.unresolved")
    done, calls = await shop.triage("escalating", event)
    assert len(issue.comments) == 1
    assert [channel for channel, _ in done.told] == ["ops"]
    assert calls == 3
    await shop.triage("escalating", event)
    assert len(issue.comments) == 1


async def test_what_comes_back_without_escalating_is_not_announced(shop: Shop) -> None:
    first = shop.report()
    transitions.archive(shop.world, first, shop.person, "archived_until_escalating")
    event, issue = shop.hear(lambda: transitions.unresolve(shop.world, first, shop.person), "issue.unresolved")
    done, calls = await shop.triage("escalating", event)
    assert (issue.comments, done.told, calls) == ([], (), 0)


async def test_a_flood_that_a_release_brings_goes_to_its_author(shop: Shop) -> None:
    for count, release, team, owner in (
        (100, "payments-api@4.18.0", None, True),
        (3, "payments-api@4.18.0", None, False),
        (100, None, None, False),
        (100, "payments-api@4.18.0", "payments", False),
    ):
        report: dict[str, Any] = {"release": release, "fingerprint": f"{count} {release} {team}", "priority": "medium"}
        first = shop.report("payments-api", **report)
        for _ in range(count - 1):
            shop.report("payments-api", **report)
        if team:
            transitions.assign(shop.world, first, shop.person, Assignee(shop.world.team_by_slug[team]))
        event, issue = shop.hear(
            lambda first=first: trigger_alert(shop.world, first.events[-1], "many"), "event_alert.triggered"
        )
        _, calls = await shop.triage("release-flood", event)
        assert (issue.priority == "high") is owner, report
        assert (issue.assignee is not None and issue.assignee.type == "user") is owner
        assert calls == {True: 5, False: int(release is not None)}[owner]


async def test_stale_issues_are_resolved_and_those_that_still_come_are_not(shop: Shop) -> None:
    for issue in shop.world.issues.values():
        issue.last_seen = shop.world.clock()
    stale, recent, archived = (shop.report(value=name) for name in ("stale", "recent", "archived"))
    for issue, days in ((stale, 31), (recent, 29), (archived, 31)):
        issue.last_seen -= timedelta(days=days)
    transitions.archive(shop.world, archived, shop.person, "archived_forever")
    before = {issue.id: issue.status for issue in shop.world.issues.values()}
    done, calls = await shop.triage("stale", shop.due("0 6 * * *"))
    after = {issue.id: issue.status for issue in shop.world.issues.values()}
    assert after == before | {stale.id: "resolved"}
    assert done.did[-1] == "acted on 1 of 1 issues that were found (rule stale issues resolved)"
    assert calls == 1 + 2
    again, calls = await shop.triage("stale", shop.due("0 6 * * *"))
    assert (again.did[-1].startswith("acted on 0 of 0"), calls) == (True, 1)
