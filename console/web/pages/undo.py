"""Answers the page that shows what undoing one write would change, and the order to do it."""

from typing import Final

from starlette.responses import Response

from console.web.effects import make_effect
from console.web.requests import ConsoleRequest, ConsoleRoute, NoSuchPageError
from console.web.sign_in.pages import local_path
from vedette.access.undo import UndoResult
from vedette.admin.audit import AuditLine
from vedette.admin.undo import find_write, undo_writes


async def _line(request: ConsoleRequest) -> AuditLine:
    found = await find_write(request.admin, request.parts["entry"])
    if not found.lines:
        raise NoSuchPageError("The audit has no such entry.")
    return found.lines[0]


async def _result(request: ConsoleRequest, line: AuditLine, *, dry_run: bool) -> UndoResult:
    async for result in undo_writes(request.admin, [line], dry_run=dry_run):
        return result
    return UndoResult(line.entry.number, done=False, sentence="Sentry does not answer: try it again later")


async def _preview(request: ConsoleRequest) -> Response:
    line = await _line(request)
    return request.render(
        "undo.html",
        effect=make_effect(line),
        result=await _result(request, line, dry_run=True),
        back=local_path(request.query("back", "/audit")),
        words=f"vedette undo {line.entry.number}",
    )


async def _undo(request: ConsoleRequest) -> Response:
    form = await request.read_form()
    line = await _line(request)
    result = await _result(request, line, dry_run=False)
    note = f"Taken back: {result.sentence}" if result.done else f"Not taken back: {result.sentence}"
    return request.redirect(local_path(form.get("back", "/")), note, is_problem=not result.done)


ROUTES: Final = (
    ConsoleRoute("GET", "/audit/{entry}/undo", _preview, "operator"),
    ConsoleRoute("POST", "/audit/{entry}/undo", _undo, "operator"),
)
