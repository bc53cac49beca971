"""Runs the triage rules of `triage.toml`, or the default rules, on events and on schedule.

The rules are reloaded when their file changes, and with them the handler's subscriptions and scopes.
"""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from vedette import Context, Event, HandlerState, Notify, Sentry, on
from vedette.rules import RuleBook, RuleServices, rules_files, run_deferred, run_rules


class TriageSettings(BaseModel):
    """`[handlers.triage]` of vedette.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    files: list[Path] = []
    """Rules files, in order, relative to vedette.toml; `triage.toml` beside it unless given."""


def rule_book(settings: TriageSettings) -> RuleBook:
    """Open the rules that the settings name."""
    return RuleBook(rules_files(settings.files))


@on(guide=rule_book)
async def triage(
    event: Event,
    sentry: Sentry,
    notify: Notify,
    ctx: Context,
    state: HandlerState,
    guide: RuleBook,
    settings: TriageSettings,
) -> None:
    """Run the rules on an event, or an action that a rule deferred."""
    del settings
    tools = RuleServices(sentry, state, ctx.note, notify, ctx.later, ctx.deadline, ctx.record)
    if ctx.reminder is None:
        await run_rules(guide.engine, event, tools)
    else:
        await run_deferred(guide.engine, event, tools, ctx.reminder.data)
