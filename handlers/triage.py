"""The triage handler: it does what the rules say that stand in `triage.toml`, or those that ship beside this file.

The rules are read again when their file changes, so which events it wants, and which scopes it needs, follows them.
"""

import os
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from vedette import Context, Event, Sentry, on
from vedette.rules.book import RuleBook
from vedette.rules.running import Tools, run_rules
from vedette.settings_variables import settings_file
from vedette.store.handler_state import HandlerState

_NAME = "triage.toml"


class TriageSettings(BaseModel):
    """`[handlers.triage]` of vedette.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    files: list[Path] = []
    """Rules files, in order, relative to vedette.toml; `triage.toml` beside it unless given."""


def rule_book(settings: TriageSettings) -> RuleBook:
    """Open the rules that the settings name."""
    return RuleBook(rules_files(settings.files))


def rules_files(files: Sequence[Path]) -> Callable[[], list[Path]]:
    """What tells where the rules stand at the moment: a triage.toml that is made takes the place of those that ship."""
    beside = settings_file(os.environ).parent
    shipped = Path(str(resources.files("handlers").joinpath(_NAME)))

    def found() -> list[Path]:
        if files:
            return [beside / file for file in files]
        own = beside / _NAME
        return [own if own.exists() else shipped]

    return found


@on(guide=rule_book)
async def triage(
    event: Event, sentry: Sentry, ctx: Context, state: HandlerState, guide: RuleBook, settings: TriageSettings
) -> None:
    """Do what the rules say."""
    del settings
    await run_rules(guide.engine, event, Tools(sentry, state, ctx.note))
