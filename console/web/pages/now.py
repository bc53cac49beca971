"""Answers the page Now: the live list, and the stream that feeds it."""

import shlex
from typing import Final

from starlette.responses import PlainTextResponse, Response

from console.web.counters import read_counters
from console.web.delivery_rows import make_row, word_of_run
from console.web.live.hub import TooManyStreamsError
from console.web.live.stream import MOST_VIEWS, LiveStream, StreamResponse
from console.web.live.views import SHOWS, LiveView, parse_view, read_view
from console.web.requests import ConsoleRequest, ConsoleRoute
from vedette.admin.connections import policy_services
from vedette.admin.deliveries import DeliveryWithRuns, get_deliveries, page_deliveries, page_runs
from vedette.admin.filters import DeliveryFilter
from vedette.admin.pauses import describe_scope
from vedette.store.runs.run import Run

_SHOWN: Final = 50
_LOOKED_AT: Final = 200


async def _show(request: ConsoleRequest) -> Response:
    view = read_view(request.http.query_params)
    # Before the list, so that the stream begins where the list ends.
    place = await request.services.live.last_place()
    rows = [make_row(*found) for found in await _list(request, view)]
    pauses = [
        {"handler": one.principal, "scope": describe_scope(one.principal), "by": one.by}
        for one in await policy_services(request.admin).budgets.pauses()
    ]
    counters = await read_counters(request.admin)
    return request.render(
        "now.html", view=view, shows=SHOWS, rows=rows, place=place, pauses=pauses, counters=counters, words=_words(view)
    )


async def _list(request: ConsoleRequest, view: LiveView) -> list[DeliveryWithRuns]:
    wanted = DeliveryFilter(resource=view.resource, handler=view.handler, issue=view.issue, limit=_LOOKED_AT)
    if view.show == "everything":
        return (await page_deliveries(request.admin, wanted)).rows[:_SHOWN]
    # Deliveries without a run, which are most of them, are not even looked at.
    runs = (await page_runs(request.admin, wanted)).rows
    identifiers = dict.fromkeys(one.delivery.id for one in runs if view.show == "decided" or _has_effect(one.run))
    return await get_deliveries(request.admin, list(identifiers)[:_SHOWN])


def _has_effect(run: Run) -> bool:
    return word_of_run(run) in {"acted", "proposed", "observed", "denied", "failed", "failing"}


def _words(view: LiveView) -> str:
    words = ["vedette", "deliveries"]
    for name, value in (("issue", view.issue), ("handler", view.handler), ("resource", view.resource)):
        words += [f"--{name}", value] if value else []
    return shlex.join(words)


async def _stream(request: ConsoleRequest) -> Response:
    views = [parse_view(text) for text in request.http.query_params.getlist("view")[:MOST_VIEWS]] or [LiveView()]
    place = request.http.headers.get("last-event-id") or request.query("after")
    hub = request.services.live
    template = request.services.environment.get_template("_stats.html")
    secret = request.http.cookies.get(request.services.address.cookie, "")

    async def stats() -> str:
        counters = await hub.counters()
        return "" if counters is None else template.render(counters=counters)

    async def is_signed_in() -> bool:
        return await request.services.sessions.get(secret) is not None

    try:
        stream = LiveStream(hub, views, place or await hub.last_place(), stats=stats, is_signed_in=is_signed_in)
    except TooManyStreamsError:
        return PlainTextResponse("too many browsers follow the console: close some\n", 503, {"Retry-After": "30"})
    return StreamResponse(stream)


ROUTES: Final = (ConsoleRoute("GET", "/", _show), ConsoleRoute("GET", "/stream", _stream))
