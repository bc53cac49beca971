"""Deciding an event and doing what its rules say, as the production handler does."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from vedette.events import Event
from vedette.events.kinds.schedule import ScheduleEvent
from vedette.rules.actions import Action, LaterAction
from vedette.rules.engine.decision import Decision
from vedette.rules.engine.engine import Engine, Subject, consider, subject_of
from vedette.rules.engine.sentry_facts import IssueReader, SentryFacts, facts_of_api_issue
from vedette.rules.execution.action_runner import ActionRunner, RuleServices, announce, as_it_is_now
from vedette.rules.execution.scheduled_runner import sweep

_SHOWN: Final = 10
"""Rules that a run says why they do not match."""


async def run_rules(engine: Engine, event: Event, tools: RuleServices) -> Decision:
    """Decide an event, and do what the rules that match say; or what those say whose time has come.

    Raises:
        RuleFailedError: Some actions were refused.
        SentryError: Sentry fails for now.
    """
    if isinstance(event, ScheduleEvent):
        await sweep(engine, event, tools)
        return Decision()
    reader = None if event.issue_id is None else IssueReader(tools.sentry, event.issue_id)
    decision = await engine.decide(subject_of(event), SentryFacts(reader))
    if not decision.matched:
        _say_why_not(decision, tools.note)
    elif reader is None:
        await announce(decision.matched, event, tools)
    else:
        await ActionRunner(event, tools, reader).all(decision)
    return decision


async def run_later(engine: Engine, event: Event, tools: RuleServices, data: Mapping[str, Any]) -> None:
    """Do what a rule put off, where the rule is still there and its condition holds by now.

    Args:
        engine: Of the rules in force.
        event: Whose rule it was.
        tools: What rules work with.
        data: What `later` was given.

    Raises:
        RuleFailedError: Some actions were refused.
        SentryError: Sentry fails for now.
    """
    rule = next((rule for rule in engine.rules if rule.name == data.get("rule")), None)
    action = None if rule is None else _at(rule.then, data.get("path", ()))
    issue_id = event.issue_id or data.get("issue")
    if rule is None or action is None or issue_id is None:
        tools.note(f"the rule {data.get('rule')} is no longer there, or says something else now")
        return
    reader = IssueReader(tools.sentry, issue_id)
    issue = await reader.issue()
    subject = subject_of(event) if event.issue_id else Subject(event.name, facts_of_api_issue(issue), issue.id)
    facts = as_it_is_now(subject.facts, issue)
    asked = replace(rule, when=action.query, projects=())
    considered = await consider(asked, replace(subject, facts=facts), SentryFacts(reader))
    if not considered.matches:
        tools.note(f"after {action.later} nothing is left to do: {considered.why} (rule {rule.name})")
        return
    await ActionRunner(event, tools, reader).put_off(rule, action, considered.facts, tuple(data["path"]))


def _at(actions: Sequence[Action], path: Sequence[int]) -> LaterAction | None:
    """The action that was put off, by the way to it; None where something else stands there now."""
    found: Action | None = None
    for number in path:
        if number >= len(actions):
            return None
        found = actions[number]
        actions = found.actions if isinstance(found, LaterAction) else ()
    return found if isinstance(found, LaterAction) else None


def _say_why_not(decision: Decision, note: Callable[[str], None]) -> None:
    if len(decision.considered) > 1:
        note(f"none of {len(decision.considered)} rules matches")
    for one in decision.considered[:_SHOWN]:
        note(f"{one.rule.name} does not match: {one.why}")
    if len(decision.considered) > _SHOWN:
        note(f"nor do {len(decision.considered) - _SHOWN} more rules")
