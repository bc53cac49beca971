"""Completes names, ids and samples in a shell. Nothing is completed where Redis or the settings do not answer at once.

A shell waits for the answer and shows no error, so that every failure ends in no suggestions.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from vedette.admin.session import AdminSession

_PATIENCE: Final = 1.5
"""Seconds."""
_MOST: Final = 50
_Item = TypeVar("_Item")
Suggestions = list[tuple[str, str]]
"""Possible values, each with its explanation."""


def complete_sample(incomplete: str) -> list[str]:
    """Return the samples that begin so."""
    from vedette.events import samples  # noqa: PLC0415 - a shell waits for the imports

    return [name for name in ("list", *samples.names()) if name.startswith(incomplete)]


def complete_resource(incomplete: str) -> list[str]:
    """Return the resources that begin so."""
    from vedette.events.catalog import RESOURCES  # noqa: PLC0415 - a shell waits for the imports

    return [name for name in RESOURCES if name.startswith(incomplete)]


def complete_state(incomplete: str) -> list[str]:
    """Return the states of runs that begin so."""
    from vedette.admin.filters import STATES  # noqa: PLC0415 - a shell waits for the imports

    return [name for name in STATES if name.startswith(incomplete)]


def complete_handler(incomplete: str) -> list[str]:
    """Return the handlers that begin so."""

    async def find(session: "AdminSession") -> Iterable[str]:
        from vedette.admin.names import current_handlers  # noqa: PLC0415 - a shell waits for the imports

        return await current_handlers(session.redis)

    return [name for name in sorted(_found(find)) if name.startswith(incomplete)]


def complete_delivery(incomplete: str) -> Suggestions:
    """Return the ids of the newest deliveries that begin so."""

    async def find(session: "AdminSession") -> Suggestions:
        from vedette.store.deliveries.deliveries import Deliveries  # noqa: PLC0415 - a shell waits for the imports

        newest = await Deliveries(session.redis).latest(limit=_MOST)
        return [(one.id, f"{one.resource}.{one.action} {one.label or ''}".strip()) for one in newest]

    return [pair for pair in _found(find) if pair[0].startswith(incomplete)]


def complete_issue(incomplete: str) -> Suggestions:
    """Return the short ids of the issues of the newest deliveries that begin so."""

    async def find(session: "AdminSession") -> Suggestions:
        from vedette.store.deliveries.deliveries import Deliveries  # noqa: PLC0415 - a shell waits for the imports

        newest = await Deliveries(session.redis).latest(limit=_MOST)
        return list({one.label: (one.label, one.title or "") for one in newest if one.label}.values())

    return [pair for pair in _found(find) if pair[0].casefold().startswith(incomplete.casefold())]


def complete_dead_run(incomplete: str) -> Suggestions:
    """Return the ids of the newest dead runs that begin so."""

    async def find(session: "AdminSession") -> Suggestions:
        from vedette.store.runs.dead_letters import DeadLetters  # noqa: PLC0415 - a shell waits for the imports

        return [(one.id, one.run.error or "") for one in await DeadLetters(session.redis).latest(limit=_MOST)]

    return [pair for pair in _found(find) if pair[0].startswith(incomplete)]


def complete_proposal(incomplete: str) -> Suggestions:
    """Return the ids of the open proposals that begin so."""

    async def find(session: "AdminSession") -> Suggestions:
        from vedette.admin.proposals import list_proposals  # noqa: PLC0415 - a shell waits for the imports

        return [(one.id, one.intent) for one in (await list_proposals(session)).proposals]

    return [pair for pair in _found(find) if pair[0].startswith(incomplete)]


def complete_integration(incomplete: str) -> list[str]:
    """Return the integrations of the settings that begin so."""
    return [name for name in _settings_names("integrations") or ["default"] if name.startswith(incomplete)]


def complete_agent(incomplete: str) -> list[str]:
    """Return the agents of the settings that begin so."""
    return [name for name in _settings_names("agents") if name.startswith(incomplete)]


def _settings_names(table: str) -> list[str]:
    try:
        from vedette.settings.settings import load_settings  # noqa: PLC0415 - a shell waits for the imports

        return sorted(getattr(load_settings(), table))
    except Exception:  # noqa: BLE001 - the boundary to the shell, which shows whatever is raised in the prompt
        return []


def _found(find: "Callable[[AdminSession], Coroutine[Any, Any, Iterable[_Item]]]") -> list[_Item]:
    try:
        from console.session import ask  # noqa: PLC0415 - a shell waits for the imports

        return list(ask(lambda session: asyncio.wait_for(find(session), _PATIENCE)))
    except Exception:  # noqa: BLE001 - the boundary to the shell, which shows whatever is raised in the prompt
        return []
