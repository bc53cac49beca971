"""Answers the orders that stop and resume writes."""

from typing import Final

from starlette.responses import Response

from console.web.delivery_search import UnreadableFilterError
from console.web.requests import ConsoleRequest, ConsoleRoute
from console.web.sign_in.pages import local_path
from vedette._core.durations import UnreadableDurationError, parse_duration
from vedette.admin.pauses import describe_scope, pause_handler, resume_handler
from vedette.alarms.alarm_messages import format_duration
from vedette.store.access.write_budgets import EVERY_PRINCIPAL


async def _pause(request: ConsoleRequest) -> Response:
    form = await request.read_form()
    handler = form.get("handler") or EVERY_PRINCIPAL
    seconds = _seconds(form.get("for"))
    await pause_handler(request.admin, handler, seconds=seconds)
    ending = "" if seconds is None else f", for {format_duration(seconds)}"
    note = f"Writes of {describe_scope(handler)} are paused, in every process{ending}."
    return request.redirect(local_path(form.get("back", "/")), note)


def _seconds(text: str) -> float | None:
    """Return for how long a pause is to last; None until somebody ends it.

    Raises:
        UnreadableFilterError: The text is no duration.
    """
    try:
        return parse_duration(text) if text else None
    except UnreadableDurationError as error:
        raise UnreadableFilterError(f"for: {error}") from None


async def _resume(request: ConsoleRequest) -> Response:
    form = await request.read_form()
    handler = form.get("handler") or EVERY_PRINCIPAL
    found = await resume_handler(request.admin, handler)
    note = f"{describe_scope(handler)} may write again." if found.was_paused else "Nothing was paused."
    if found.remaining:
        note += f" Still paused: {', '.join(describe_scope(one.principal) for one in found.remaining)}."
    return request.redirect(local_path(form.get("back", "/")), note[:1].upper() + note[1:])


ROUTES: Final = (
    ConsoleRoute("POST", "/pause", _pause, "operator"),
    ConsoleRoute("POST", "/resume", _resume, "operator"),
)
