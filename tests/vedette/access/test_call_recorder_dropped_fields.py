"""Fields that Sentry answers 200 to and drops are reported in the run and the audit."""

from typing import Any

import pytest

from vedette import Context
from vedette.access import approvals, undo
from vedette.api.issue_update import IssueUpdate
from vedette.authoring.context import list_notes
from vedette.authoring.retries import PermanentError
from vedette.events import parse, samples
from vedette.permissions.grants import Grant
from vedette.plugins.handler import Handler
from vedette.rules import Engine, rules_of, subject_of
from vedette.rules.execution.action_runner import ActionRunner, RuleFailedError, RuleServices
from vedette.rules.issue_reader import IssueReader
from vedette.store.access.handler_state import HandlerState

GRANT = Grant(scopes=("event:write",))
CALM = '[[rule]]\nname = "calm"\non = "issue.created"\nthen = [{{ priority = "{}" }}]\n'


@pytest.fixture
def dropped_fields() -> tuple[str, ...]:
    return ("priority",)


async def test_the_run_the_audit_and_the_handler_are_told(scene: Any) -> None:
    async def function() -> None: ...

    handler = Handler("plugin", function, ("*",), "plugin.py", "act", (), needs=("event:write",), grant=GRANT)
    context = Context("delivery", "plugin", 1, "act")
    sentry = scene.clients.sentry_for(scene.connection, handler, context, parse("issue", samples.load("issue.created")))
    issue = await sentry.issues.get(str(scene.issue.id))
    wanted = "low" if issue.priority == "high" else "high"
    change = await sentry.issues.set_priority(issue, wanted)
    sentence = f"set priority of {issue.label} to {wanted}, but Sentry's answer does not show it (priority)"
    assert change.unconfirmed == {"priority"}
    assert str(change) == sentence
    assert list_notes(context) == (sentence,)
    *_, outcome = await scene.entries()
    assert outcome.facts["unconfirmed"] == ["priority"]


async def test_what_was_taken_over_is_not_doubted(scene: Any) -> None:
    sentry = scene.sentry(Grant(scopes=("event:write", "team:read")))
    issue = str(scene.issue.id)
    changes = [
        await sentry.issues.mark_reviewed(issue),
        await sentry.issues.assign(issue, "#payments"),
        await sentry.issues.archive(issue, minutes=30),
        await sentry.issues.resolve(issue),
        await sentry.issues.archive(issue, forever=True),
        await sentry.issues.unassign(issue),
    ]
    assert [change.changed for change in changes] == [True] * 6
    assert [change.unconfirmed for change in changes] == [frozenset()] * 6
    team = next(iter(scene.world.teams.values()))
    many = await sentry.issues.update_many([issue], IssueUpdate(status="resolved", assigned_to=f"team:{team.id}"))
    assert [change.unconfirmed for change in many] == [frozenset()]
    assert not any("unconfirmed" in entry.facts for entry in await scene.entries())


async def test_of_several_issues_it_is_told_too(scene: Any) -> None:
    sentry = scene.sentry(GRANT)
    issues = await sentry.issues.get_many([str(scene.issue.id), str(scene.second.id)])
    wanted = "low" if issues[0].priority == "high" else "high"
    changes = await sentry.issues.update_many(issues, IssueUpdate(status="resolved", priority=wanted))
    assert [change.unconfirmed for change in changes] == [{"priority"}] * 2
    *_, outcome = await scene.entries()
    assert outcome.facts["unconfirmed"] == ["priority"]


async def test_whoever_approves_is_told(scene: Any) -> None:
    sentry = scene.sentry(GRANT, mode="propose")
    issue = await sentry.issues.get(str(scene.issue.id))
    await sentry.issues.set_priority(issue, "low" if issue.priority == "high" else "high")
    (proposal,) = await scene.services.proposals.waiting()
    answer = await approvals.approve(scene.services, scene.connection, proposal, GRANT, "ann")
    assert approvals.dropped_by(proposal, answer) == {"priority"}


async def test_what_was_dropped_and_taken_back_is_not_said_to_be_done(scene: Any) -> None:
    sentry = scene.sentry(GRANT)
    issue = await sentry.issues.get(str(scene.issue.id))
    await sentry.issues.set_priority(issue, "low" if issue.priority == "high" else "high")
    entry, outcome = await scene.entries()
    undone = await undo.undo(scene.services, scene.connection, entry, outcome, "ann")
    assert undone.sentence == "Sentry has dropped it (priority), so there is nothing to take back"
    assert not undone.done


async def test_a_rule_whose_write_was_dropped_has_failed_and_is_not_tried_again(scene: Any) -> None:
    notes: list[str] = []
    sample = samples.load("issue.created")
    sample["data"]["issue"]["id"] = str(scene.issue.id)
    event = parse("issue", samples.wire(sample))
    sentry = scene.sentry(GRANT).view(because="rule calm", ceiling="act")
    rules = rules_of([("calm.toml", CALM.format("high" if scene.issue.priority == "low" else "low"))])
    decision = await Engine(rules).decide(subject_of(event))
    tools = RuleServices(sentry, HandlerState(scene.client, "plugin", "delivery"), notes.append)
    with pytest.raises(RuleFailedError, match="Sentry answered 200 and did not apply priority") as failed:
        await ActionRunner(event, tools, IssueReader(sentry, str(scene.issue.id))).run_decision(decision)
    assert isinstance(failed.value, PermanentError)
    assert "could not set priority" in notes[0]
