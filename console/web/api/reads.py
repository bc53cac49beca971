"""Answers the questions of the JSON API, with the field names that commands print with `--json`."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, Final, TypeVar

from starlette.responses import JSONResponse, Response

from console.rendering.audit_table import line_object
from console.rendering.dead_table import letter_object
from console.rendering.delivery_table import delivery_object
from console.rendering.explanation import explanation_object, issue_object
from console.rendering.run_table import run_object
from console.web.api.openapi import document
from console.web.delivery_search import UnreadableFilterError, read_search
from console.web.pages.delivery import may_see_bodies
from console.web.requests import ConsoleRequest, ConsoleRoute, NoSuchPageError
from vedette._core.ids import is_identifier
from vedette.admin.audit import get_audit_line, page_audit
from vedette.admin.dead_letters import page_dead_letters
from vedette.admin.deliveries import get_deliveries, page_deliveries, page_runs, read_delivery
from vedette.admin.explain import explain_delivery, explain_issue
from vedette.admin.filters import AuditFilter
from vedette.admin.handlers import list_handlers
from vedette.admin.proposals import page_proposals
from vedette.admin.schedule import page_schedule
from vedette.admin.status import get_status
from vedette.store.search.page import Page

_PAGE: Final = 50
_MOST: Final = 200
"""The greatest `limit`."""
_LONGEST: Final = 120
Row = TypeVar("Row")


def _limit(request: ConsoleRequest) -> int:
    text = request.query("limit", str(_PAGE))
    if not text.isdecimal() or not 1 <= int(text[:9]) <= _MOST:
        raise UnreadableFilterError(f"limit: write a number from 1 to {_MOST}")
    return int(text)


def _page(page: Page[Row], describe: Callable[[Row], dict[str, Any]]) -> Response:
    return JSONResponse({"items": [describe(row) for row in page.rows], "next": page.cursor})


def _identifier(request: ConsoleRequest) -> str:
    identifier = request.parts["delivery"]
    if not is_identifier(identifier):
        raise NoSuchPageError(
            f"there is no delivery {identifier[:_LONGEST]}: /api/1/deliveries lists those that are kept"
        )
    return identifier


async def _deliveries(request: ConsoleRequest) -> Response:
    wanted = read_search(request.http.query_params).to_filter(_limit(request))
    page = await page_deliveries(request.admin, wanted, request.query("cursor"))
    return _page(page, lambda row: delivery_object(*row))


async def _delivery(request: ConsoleRequest) -> Response:
    found = await get_deliveries(request.admin, [_identifier(request)])
    if not found:
        raise NoSuchPageError(
            f"there is no delivery {_identifier(request)}: /api/1/deliveries lists those that are kept"
        )
    return JSONResponse(delivery_object(*found[0]))


async def _story(request: ConsoleRequest) -> Response:
    return JSONResponse(explanation_object(await explain_delivery(request.admin, _identifier(request))))


async def _body(request: ConsoleRequest) -> Response:
    if not may_see_bodies(request):
        raise NoSuchPageError("bodies are for operators, or for all with console.bodies: ask an operator")
    whole = await read_delivery(request.admin, _identifier(request))
    return Response(whole.body, media_type="application/octet-stream", headers={"content-disposition": "attachment"})


async def _issue(request: ConsoleRequest) -> Response:
    history = await explain_issue(request.admin, request.parts["issue"][:_LONGEST], _PAGE)
    return JSONResponse(issue_object(history, []))


async def _runs(request: ConsoleRequest) -> Response:
    wanted = read_search(request.http.query_params).to_filter(_limit(request))
    return _page(await page_runs(request.admin, wanted, request.query("cursor")), lambda row: run_object(*row))


async def _failed(request: ConsoleRequest) -> Response:
    wanted = read_search(request.http.query_params).to_filter(_limit(request))
    return _page(await page_dead_letters(request.admin, wanted, request.query("cursor")), letter_object)


async def _schedule(request: ConsoleRequest) -> Response:
    words = {"handler": request.query("handler"), "issue": request.query("issue")}
    page = await page_schedule(request.admin, **words, limit=_limit(request), cursor=request.query("cursor"))
    return _page(page, asdict)


async def _proposals(request: ConsoleRequest) -> Response:
    page = await page_proposals(
        request.admin,
        handler=request.query("handler"),
        issue=request.query("issue"),
        decided=request.query("decided") == "true",
        limit=_limit(request),
        cursor=request.query("cursor"),
    )
    return _page(page, asdict)


async def _audit(request: ConsoleRequest) -> Response:
    handler, issue, rule, project = (request.query(name)[:_LONGEST] for name in ("handler", "issue", "rule", "project"))
    wanted = AuditFilter(handler, issue, rule, project)
    return _page(await page_audit(request.admin, wanted, request.query("cursor"), _limit(request)), line_object)


async def _entry(request: ConsoleRequest) -> Response:
    number = request.parts["entry"]
    line = await get_audit_line(request.admin, int(number)) if number.isdecimal() and len(number) < _LONGEST else None
    if line is None:
        raise NoSuchPageError("the audit has no such entry: /api/1/audit lists them")
    return JSONResponse(line_object(line))


async def _handlers(request: ConsoleRequest) -> Response:
    found = await list_handlers(request.admin)
    handlers = found.roster.handlers if found.roster else ()
    items = [{**asdict(one), "calls": dict(found.calls.get(one.name, {}))} for one in handlers]
    return JSONResponse({"items": items, "next": None})


async def _health(request: ConsoleRequest) -> Response:
    status = await get_status(request.admin, request.services.instance.receiver_url)
    return JSONResponse(status.to_json_object())


async def _document(request: ConsoleRequest) -> Response:
    return JSONResponse(document(request.services.address.prefix))


ROUTES: Final[Sequence[ConsoleRoute]] = (
    ConsoleRoute("GET", "/api/1/openapi.json", _document),
    ConsoleRoute("GET", "/api/1/deliveries", _deliveries),
    ConsoleRoute("GET", "/api/1/deliveries/{delivery}", _delivery),
    ConsoleRoute("GET", "/api/1/deliveries/{delivery}/story", _story),
    ConsoleRoute("GET", "/api/1/deliveries/{delivery}/body", _body),
    ConsoleRoute("GET", "/api/1/issues/{issue}", _issue),
    ConsoleRoute("GET", "/api/1/runs", _runs),
    ConsoleRoute("GET", "/api/1/failed", _failed),
    ConsoleRoute("GET", "/api/1/schedule", _schedule),
    ConsoleRoute("GET", "/api/1/proposals", _proposals),
    ConsoleRoute("GET", "/api/1/audit", _audit),
    ConsoleRoute("GET", "/api/1/audit/{entry}", _entry),
    ConsoleRoute("GET", "/api/1/handlers", _handlers),
    ConsoleRoute("GET", "/api/1/health", _health),
)
