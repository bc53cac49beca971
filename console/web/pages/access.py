"""Answers the page Access: what handlers and agents need, are granted and use, and the orders that stop them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from console.web.requests import ConsoleRequest, ConsoleRoute
from vedette.admin.agent_tokens import list_tokens, revoke_tokens
from vedette.admin.agents import AgentSummary, list_agents
from vedette.admin.handlers import HandlerOverview, list_handlers
from vedette.admin.pauses import describe_scope, disable_handler, enable_handler, list_pauses
from vedette.permissions.required_scopes import missing
from vedette.store.access.handler_roster import OFF, RosterHandler
from vedette.store.access.write_budgets import EVERY_PRINCIPAL

_MARKS: Final = ("read", "sent", "denied", "observed", "proposed", "paused")
_TONES: Final = {"act": "good", "propose": "ask", "observe": "calm"}


@dataclass(frozen=True)
class AccessRow:
    """A handler, as the page shows it."""

    handler: RosterHandler
    tone: str
    events: str
    calls: str
    lacks: Sequence[str]
    """The needed scopes that the token lacks."""
    token: str
    """The same in words."""
    is_paused: bool
    is_disabled: bool


async def _show(request: ConsoleRequest) -> Response:
    overview = await list_handlers(request.admin)
    agents = await list_agents(request.admin)
    pauses = await list_pauses(request.admin)
    paused = {pause.principal for pause in pauses}
    return request.render(
        "access.html",
        rows=[_row(one, overview) for one in (overview.roster.handlers if overview.roster else ())],
        has_roster=overview.roster is not None,
        problems=overview.roster.problems if overview.roster else (),
        held=overview.held,
        scopes=None if overview.scopes is None else sorted(overview.scopes),
        agents=[(one, _areas(one), _calls(one.calls), f"agent:{one.name}" in paused) for one in agents],
        tokens=await list_tokens(request.admin),
        pauses=[(pause, describe_scope(pause.principal)) for pause in pauses],
        is_all_paused=EVERY_PRINCIPAL in paused,
        agent_tones=_TONES,
        words="vedette handlers",
    )


def _row(handler: RosterHandler, overview: HandlerOverview) -> AccessRow:
    lacks = [] if overview.scopes is None else missing(handler.needs, overview.scopes)
    token = "not known yet" if overview.scopes is None else f"lacks {', '.join(lacks)}" if lacks else "has all"
    events = ", ".join((*handler.patterns, *(f"every {cron}" for cron in handler.crons)))
    return AccessRow(
        handler,
        _TONES.get(handler.mode, ""),
        f"{events}{f' when {handler.when}' if handler.when else ''}{f' {handler.where}' if handler.where else ''}",
        _calls(overview.calls.get(handler.name, {})),
        lacks,
        token if handler.needs else "nothing needed",
        handler.name in overview.paused and handler.mode != OFF,
        handler.name in overview.disabled,
    )


def _calls(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{counts[mark]} {mark}" for mark in _MARKS if counts.get(mark)) or "none"


def _areas(agent: AgentSummary) -> str:
    return ", ".join(f"{name} {level}" for name, level in agent.areas.items()) or f"{agent.granted} operations"


async def _disable(request: ConsoleRequest) -> Response:
    handler = (await request.read_form()).get("handler")
    await disable_handler(request.admin, handler)
    return request.redirect("/access", f"{handler} is disabled: its runs wait until somebody enables it.")


async def _enable(request: ConsoleRequest) -> Response:
    handler = (await request.read_form()).get("handler")
    was_disabled, count = await enable_handler(request.admin, handler)
    note = f"{handler} is enabled: {count or 'no'} {'run was' if count == 1 else 'runs were'} waiting."
    return request.redirect("/access", note if was_disabled else f"{handler} was not disabled.")


async def _revoke(request: ConsoleRequest) -> Response:
    (token,) = await revoke_tokens(request.admin, request.parts["token"])
    return request.redirect("/access", f"Token {token.id} of agent {token.agent} is revoked, in every process.")


ROUTES: Final = (
    ConsoleRoute("GET", "/access", _show),
    ConsoleRoute("POST", "/access/disable", _disable, "operator"),
    ConsoleRoute("POST", "/access/enable", _enable, "operator"),
    ConsoleRoute("POST", "/access/tokens/{token}/revoke", _revoke, "operator"),
)
