"""Answers the page that shows which writes an order to undo would take back, and the order."""

from typing import Final

from starlette.responses import Response

from console.web.effects import make_effect
from console.web.pages.audit import audit_words
from console.web.pages.audit_search import AUDIT_AGES, AuditSearchForm, read_audit_search
from console.web.requests import ConsoleRequest, ConsoleRoute
from vedette._core.user_error import UserError
from vedette.access.undo import can_be_undone
from vedette.admin.audit import AuditLine
from vedette.admin.bulk.bulk_orders import carry_out_bulk_job, start_bulk_job
from vedette.admin.undo import UndoableWrites, find_writes, undo_many

_SHOWN: Final = 50
_AGE: Final = "24h"
_FIELDS: Final = ("q", "since")


class TooWideUndoError(UserError):
    """An order to undo that names no handler, agent, rule, issue or project."""

    exit_code = 2

    def __init__(self) -> None:
        super().__init__("Name a handler, an agent, a rule, an issue or a project: not everything is undone at once")


async def _preview(request: ConsoleRequest) -> Response:
    search = _search({name: request.query(name) for name in (*_FIELDS,)})
    found = await _find(request, search)
    return request.render(
        "bulk_undo.html",
        search=search,
        ages=AUDIT_AGES,
        found=found,
        possible=found.possible,
        newest=max((line.entry.number for line in found.lines), default=0),
        effects=[(make_effect(line), can_be_undone(line.entry, line.outcome)) for line in found.lines[:_SHOWN]],
        words=f"{audit_words('undo', search)} --dry-run",
    )


async def _start(request: ConsoleRequest) -> Response:
    form = await request.read_form()
    search = _search({name: form.get(name) for name in _FIELDS})
    newest = form.get("newest")[:15]
    last = int(newest) if newest.isdecimal() and newest.isascii() else 0
    lines = [line for line in (await _find(request, search)).lines if _is_chosen(line, last)]
    if not lines:
        return request.redirect("/audit", "Nothing is left to undo: nothing was done.", is_problem=True)
    session = request.admin
    what = f"{len(lines)} write{'s' * (len(lines) != 1)} of {search.to_words()} within {search.since}"
    job = await start_bulk_job(session, f"undid {what}", len(lines), "/audit")
    handler = search.to_filter().handler
    request.services.bulk.start(carry_out_bulk_job(session, job, undo_many(session, lines), handler=handler))
    return request.redirect(f"/jobs/{job.id}")


def _search(query: dict[str, str]) -> AuditSearchForm:
    return read_audit_search({**query, "since": query["since"] or _AGE})


async def _find(request: ConsoleRequest, search: AuditSearchForm) -> UndoableWrites:
    wanted = search.to_filter()
    if not wanted.is_narrowed:
        raise TooWideUndoError
    return await find_writes(request.admin, wanted)


def _is_chosen(line: AuditLine, last: int) -> bool:
    """Return whether a write was in the plan, and can be undone."""
    return line.entry.number <= last and not can_be_undone(line.entry, line.outcome)


ROUTES: Final = (
    ConsoleRoute("GET", "/audit/undo", _preview, "operator"),
    ConsoleRoute("POST", "/audit/undo", _start, "operator"),
)
