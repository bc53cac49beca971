"""Carries out the orders of the JSON API, each once for an `Idempotency-Key`."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.responses import JSONResponse, Response

from console.web.api.idempotency import answer_once
from console.web.requests import ConsoleRequest, ConsoleRoute, NoSuchPageError
from vedette._core.ids import is_identifier
from vedette.admin.dead_letters import discard_runs, replay_delivery
from vedette.admin.pauses import pause_handler, resume_handler
from vedette.admin.proposals import approve_proposal, reject_proposal
from vedette.admin.schedule import cancel_message
from vedette.admin.undo import find_write, undo_writes
from vedette.store.access.write_budgets import EVERY_PRINCIPAL
from vedette.store.console.account import Role

Order = Callable[[ConsoleRequest, dict[str, Any]], Awaitable[dict[str, Any]]]
_LONGEST: Final = 300


def _text(values: dict[str, Any], name: str, default: str = "") -> str:
    value = values.get(name, default)
    return value[:_LONGEST] if isinstance(value, str) else default


async def _approve(request: ConsoleRequest, _: dict[str, Any]) -> dict[str, Any]:
    answer = await approve_proposal(request.admin, request.parts["proposal"])
    return {"proposal": answer.proposal.id, "sent": answer.sent, "dropped": sorted(answer.dropped)}


async def _reject(request: ConsoleRequest, _: dict[str, Any]) -> dict[str, Any]:
    return {"proposal": (await reject_proposal(request.admin, request.parts["proposal"])).id}


async def _pause(request: ConsoleRequest, values: dict[str, Any]) -> dict[str, Any]:
    handler = _text(values, "handler") or EVERY_PRINCIPAL
    await pause_handler(request.admin, handler)
    return {"paused": handler}


async def _resume(request: ConsoleRequest, values: dict[str, Any]) -> dict[str, Any]:
    handler = _text(values, "handler") or EVERY_PRINCIPAL
    found = await resume_handler(request.admin, handler)
    return {"was_paused": found.was_paused, "remaining": [one.principal for one in found.remaining]}


async def _replay(request: ConsoleRequest, values: dict[str, Any]) -> dict[str, Any]:
    identifier = request.parts["delivery"]
    if not is_identifier(identifier):
        raise NoSuchPageError("there is no such delivery: /api/1/deliveries lists those that are kept")
    await replay_delivery(request.admin, identifier, _text(values, "handler"))
    return {"replayed": identifier}


async def _discard(request: ConsoleRequest, values: dict[str, Any]) -> dict[str, Any]:
    return {"discarded": await discard_runs(request.admin, [_text(values, "id")])}


async def _cancel(request: ConsoleRequest, values: dict[str, Any]) -> dict[str, Any]:
    return {"cancelled": await cancel_message(request.admin, _text(values, "id"))}


async def _undo(request: ConsoleRequest, values: dict[str, Any]) -> dict[str, Any]:
    found = await find_write(request.admin, request.parts["entry"])
    if not found.lines:
        raise NoSuchPageError("the audit has no such entry: /api/1/audit lists them")
    dry_run = values.get("dry_run") is True
    async for result in undo_writes(request.admin, found.lines, dry_run=dry_run):
        done = {"would": result.done} if dry_run else {}
        return {"entry": result.entry, "done": result.done and not dry_run, "sentence": result.sentence, **done}
    return {"entry": found.lines[0].entry.number, "done": False, "sentence": "Sentry does not answer: try it later"}


def _route(path: str, order: Order, role: Role = "operator") -> ConsoleRoute:
    async def endpoint(request: ConsoleRequest) -> Response:
        values = await request.read_json()

        async def carry_out() -> Response:
            return JSONResponse(await order(request, values))

        return await answer_once(request, values, carry_out)

    return ConsoleRoute("POST", path, endpoint, role)


ROUTES: Final = (
    _route("/api/1/proposals/{proposal}/approve", _approve, "approver"),
    _route("/api/1/proposals/{proposal}/reject", _reject, "approver"),
    _route("/api/1/pause", _pause),
    _route("/api/1/resume", _resume),
    _route("/api/1/deliveries/{delivery}/replay", _replay),
    _route("/api/1/failed/discard", _discard),
    _route("/api/1/schedule/cancel", _cancel),
    _route("/api/1/audit/{entry}/undo", _undo),
)
