"""Decides events by rules and executes the actions, for the triage handler."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from vedette.events import Event
from vedette.events.kinds.schedule import ScheduleEvent
from vedette.rules.actions import Action, LaterAction
from vedette.rules.engine.decision import Decision
from vedette.rules.engine.engine import Engine, Subject, consider, subject_of
from vedette.rules.engine.sentry_facts import SentryFacts
from vedette.rules.execution.action_runner import ActionRunner, RuleServices, run_without_issue, with_current_state
from vedette.rules.execution.scheduled_runner import run_scheduled
from vedette.rules.issue_reader import IssueReader, facts_of_api_issue

_SHOWN: Final = 3
"""Rules of which the run's record says why they do not match."""


async def run_rules(engine: Engine, event: Event, services: RuleServices) -> Decision:
    """Decide an event, and execute the actions of the rules that match, or of those that are scheduled now.

    Raises:
        RuleFailedError: Some actions were refused.
        SentryError: Sentry failed temporarily.
    """
    if isinstance(event, ScheduleEvent):
        await run_scheduled(engine, event, services)
        return Decision()
    reader = None if event.issue_id is None else IssueReader(services.sentry, event.issue_id)
    decision = await engine.decide(subject_of(event), SentryFacts(reader))
    for rule in decision.matched:
        services.record.note_rule(rule.name)
    if not decision.matched:
        _explain(decision, services)
    elif reader is None:
        await run_without_issue(decision.matched, event, services)
    else:
        await ActionRunner(event, services, reader).run_decision(decision)
    return decision


async def run_deferred(engine: Engine, event: Event, services: RuleServices, data: Mapping[str, Any]) -> None:
    """Execute the actions that a rule deferred, where the rule still exists and its condition is true now.

    Args:
        engine: The engine with the current rules.
        event: The event that the rule matched.
        services: The services of the handler.
        data: The data that the run was deferred with.

    Raises:
        RuleFailedError: Some actions were refused.
        SentryError: Sentry failed temporarily.
    """
    rule = next((rule for rule in engine.rules if rule.name == data.get("rule")), None)
    action = None if rule is None else _deferred_action(rule.then, data.get("path", ()))
    issue_id = event.issue_id or data.get("issue")
    if rule is None or action is None or issue_id is None:
        services.note(f"the rule {data.get('rule')} no longer exists, or was changed")
        return
    reader = IssueReader(services.sentry, issue_id)
    issue = await reader.issue()
    subject = subject_of(event) if event.issue_id else Subject(event.name, facts_of_api_issue(issue), issue.id)
    facts = with_current_state(subject.facts, issue)
    condition = replace(rule, when=action.query, projects=())
    considered = await consider(condition, replace(subject, facts=facts), SentryFacts(reader))
    if not considered.matches:
        services.note(f"after {action.later} nothing is left to do: {considered.why} (rule {rule.name})")
        return
    services.record.note_rule(rule.name)
    await ActionRunner(event, services, reader).run_deferred(rule, action, considered.facts, tuple(data["path"]))


def _deferred_action(actions: Sequence[Action], path: Sequence[int]) -> LaterAction | None:
    """Return the `later` action at a path; None where the rule has another there now."""
    found: Action | None = None
    for number in path:
        if number >= len(actions):
            return None
        found = actions[number]
        actions = found.actions if isinstance(found, LaterAction) else ()
    return found if isinstance(found, LaterAction) else None


def _explain(decision: Decision, services: RuleServices) -> None:
    """Note in one sentence that no rule matches, and keep the first reasons apart; `vedette rules test` has all."""
    considered = decision.considered
    if considered:
        one, number = considered[0].rule.name, len(considered)
        services.note(f"{one} does not match" if number == 1 else f"none of {number} rules matches")
    services.record.note_reasons("; ".join(f"{one.rule.name}: {one.why}" for one in considered[:_SHOWN]))
