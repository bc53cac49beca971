"""Answers the page Schedule: what waits for its time, and the order to cancel it."""

import shlex
from typing import Final

from starlette.responses import Response

from console.web.requests import ConsoleRequest, ConsoleRoute
from vedette.admin.schedule import cancel_message, page_schedule

_PAGE: Final = 50
_LONGEST: Final = 200


async def _show(request: ConsoleRequest) -> Response:
    handler, issue = request.query("handler")[:_LONGEST], request.query("issue")[:_LONGEST]
    cursor = request.query("cursor")
    page = await page_schedule(request.admin, handler=handler, issue=issue, limit=_PAGE, cursor=cursor)
    return request.render(
        "schedule.html",
        messages=page.rows,
        handler=handler,
        issue=issue,
        next=request.url("/schedule", handler=handler, issue=issue, cursor=page.cursor) if page.cursor else "",
        first=request.url("/schedule", handler=handler, issue=issue) if cursor else "",
        words="vedette schedule",
    )


async def _cancel(request: ConsoleRequest) -> Response:
    entry = (await request.read_form()).get("entry")
    if not await cancel_message(request.admin, entry):
        return request.redirect("/schedule", "It is not in the schedule any more: nothing was done.", is_problem=True)
    return request.redirect("/schedule", f"Cancelled: {shlex.quote(entry[:_LONGEST])}.")


ROUTES: Final = (
    ConsoleRoute("GET", "/schedule", _show),
    ConsoleRoute("POST", "/schedule/cancel", _cancel, "operator"),
)
