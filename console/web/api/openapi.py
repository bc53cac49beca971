"""Describes the JSON API as an OpenAPI document, which tests compare with routes and answers."""

from collections.abc import Mapping
from typing import Any, Final

from vedette._core.version import vedette_version

_TEXT: Final[Mapping[str, Any]] = {"type": "string"}
_TEXT_OR_NULL: Final[Mapping[str, Any]] = {"type": ["string", "null"]}
_NUMBER: Final[Mapping[str, Any]] = {"type": "integer"}
_TIME: Final[Mapping[str, Any]] = {"type": "integer", "description": "Unix time in milliseconds"}
_TIME_OR_NULL: Final[Mapping[str, Any]] = {"type": ["integer", "null"], "description": "Unix time in milliseconds"}
_FLAG: Final[Mapping[str, Any]] = {"type": "boolean"}
_TEXTS: Final[Mapping[str, Any]] = {"type": "array", "items": _TEXT}
_NUMBERS: Final[Mapping[str, Any]] = {"type": "array", "items": _NUMBER}
_OBJECT: Final[Mapping[str, Any]] = {"type": "object"}


def _object(**properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of an object that has all these properties, and may have more in later versions."""
    return {"type": "object", "properties": properties, "required": sorted(properties)}


SCHEMAS: Final[Mapping[str, Mapping[str, Any]]] = {
    "Delivery": _object(
        id=_TEXT,
        accepted=_TIME,
        integration=_TEXT,
        resource=_TEXT,
        action=_TEXT,
        subject=_TEXT_OR_NULL,
        issue=_TEXT_OR_NULL,
        label=_TEXT_OR_NULL,
        title=_TEXT_OR_NULL,
        state=_TEXT,
        size=_NUMBER,
        finished=_TIME_OR_NULL,
        runs={"type": "array", "items": _OBJECT},
    ),
    "Run": _object(
        delivery=_TEXT,
        handler=_TEXT,
        mode=_TEXT,
        state=_TEXT,
        attempts=_NUMBER,
        queued=_TIME,
        started=_TIME_OR_NULL,
        ended=_TIME_OR_NULL,
        did=_TEXTS,
        error=_TEXT_OR_NULL,
        effect=_TEXT_OR_NULL,
        rules=_TEXTS,
        resource=_TEXT,
        action=_TEXT,
    ),
    "Letter": _object(
        id=_TEXT,
        delivery=_TEXT,
        handler=_TEXT,
        state=_TEXT,
        ended=_TIME_OR_NULL,
        attempts=_NUMBER,
        error=_TEXT_OR_NULL,
        trace=_TEXT_OR_NULL,
    ),
    "Story": _object(
        delivery=_TEXT,
        event=_TEXT,
        decided=_FLAG,
        runs={"type": "array", "items": _OBJECT},
        left_out=_OBJECT,
        audit=_NUMBERS,
        problems=_TEXTS,
    ),
    "Issue": _object(issue=_TEXT, number_of_deliveries=_NUMBER, audit=_NUMBERS, proposals=_TEXTS),
    "DelayedMessage": _object(id=_TEXT, queue=_TEXT, due=_TIME, delivery=_TEXT, handler=_TEXT, why=_TEXT),
    "Proposal": _object(
        id=_TEXT,
        handler=_TEXT,
        intent=_TEXT,
        operation=_TEXT,
        issues=_TEXTS,
        label=_TEXT,
        at=_TIME,
        expires=_TIME,
        state=_TEXT,
        by=_TEXT,
        because=_TEXT,
    ),
    "AuditLine": _object(
        entry=_NUMBER,
        hash=_TEXT,
        at=_TIME,
        kind=_TEXT,
        intent=_TEXT,
        decision=_TEXT,
        before=_OBJECT,
        after=_OBJECT,
    ),
    "Handler": _object(name=_TEXT, patterns=_TEXTS, mode=_TEXT, needs=_TEXTS, missing=_TEXTS, calls=_OBJECT),
    "Health": _object(state=_TEXT, exit_code=_NUMBER, lines={"type": "array", "items": _OBJECT}),
    "Error": _object(error=_TEXT, do=_TEXT),
    "Approval": _object(proposal=_TEXT, sent=_FLAG, dropped=_TEXTS),
    "Rejection": _object(proposal=_TEXT),
    "Paused": _object(paused=_TEXT),
    "Resumed": _object(was_paused=_FLAG, remaining=_TEXTS),
    "Replayed": _object(replayed=_TEXT),
    "Discarded": _object(discarded=_NUMBER),
    "Cancelled": _object(cancelled=_FLAG),
    "Undone": _object(entry=_NUMBER, done=_FLAG, sentence=_TEXT),
}
_LISTS: Final = {
    "deliveries": ("Delivery", ("q", "issue", "handler", "resource", "rule", "request", "state", "since")),
    "runs": ("Run", ("q", "issue", "handler", "resource", "rule", "state", "since")),
    "failed": ("Letter", ("q", "issue", "handler", "resource", "since")),
    "schedule": ("DelayedMessage", ("handler", "issue")),
    "proposals": ("Proposal", ("handler", "issue", "decided")),
    "audit": ("AuditLine", ("handler", "issue", "rule", "project")),
    "handlers": ("Handler", ()),
}
_SINGLE: Final = {
    "deliveries/{delivery}": "Delivery",
    "deliveries/{delivery}/story": "Story",
    "issues/{issue}": "Issue",
    "audit/{entry}": "AuditLine",
    "health": "Health",
}
_ORDERS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "proposals/{proposal}/approve": ("Approval", ()),
    "proposals/{proposal}/reject": ("Rejection", ()),
    "pause": ("Paused", ("handler",)),
    "resume": ("Resumed", ("handler",)),
    "deliveries/{delivery}/replay": ("Replayed", ("handler",)),
    "failed/discard": ("Discarded", ("id",)),
    "schedule/cancel": ("Cancelled", ("id",)),
    "audit/{entry}/undo": ("Undone", ("dry_run",)),
}


def document(prefix: str = "") -> dict[str, Any]:
    """Return the document.

    Args:
        prefix: The path that the console is below.
    """
    paths: dict[str, Any] = {}
    for path, (name, filters) in _LISTS.items():
        parameters = [_parameter("query", one) for one in (*filters, "limit", "cursor")]
        answer = _object(items={"type": "array", "items": _reference(name)}, next=_TEXT_OR_NULL)
        paths[f"/{path}"] = {"get": _operation(path, answer, parameters)}
    for path, name in _SINGLE.items():
        paths[f"/{path}"] = {"get": _operation(path, _reference(name), _parts(path))}
    body = {"type": "string", "format": "binary"}
    content = {"application/octet-stream": {"schema": body}}
    paths["/deliveries/{delivery}/body"] = {
        "get": {
            "operationId": "deliveries_body",
            "parameters": _parts("{delivery}"),
            "responses": {"200": {"description": "The body as it came", "content": content}, **_errors()},
        }
    }
    paths["/openapi.json"] = {"get": _operation("openapi.json", _OBJECT, [])}
    for path, (name, fields) in _ORDERS.items():
        paths.setdefault(f"/{path}", {})["post"] = _order(path, name, fields)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Vedette's console", "version": vedette_version()},
        "servers": [{"url": f"{prefix}/api/1"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _order(path: str, name: str, fields: tuple[str, ...]) -> dict[str, Any]:
    key = {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 100}}
    operation = _operation(path, _reference(name), [*_parts(path), key])
    properties = {field: _FLAG if field == "dry_run" else _TEXT for field in fields}
    schema = {"type": "object", "properties": properties}
    return {**operation, "requestBody": {"content": {"application/json": {"schema": schema}}}}


def _operation(path: str, schema: Mapping[str, Any], parameters: list[dict[str, Any]]) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    name = path.replace("/", "_").replace("{", "").replace("}", "").replace(".", "_")
    return {
        "operationId": name,
        "parameters": parameters,
        "responses": {"200": {"description": "The answer", "content": content}, **_errors()},
    }


def _errors() -> dict[str, Any]:
    content = {"application/json": {"schema": _reference("Error")}}
    return {"default": {"description": "The problem, and what to do", "content": content}}


def _parts(path: str) -> list[dict[str, Any]]:
    return [_parameter("path", part[1:-1]) for part in path.split("/") if part.startswith("{")]


def _parameter(place: str, name: str) -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": {"type": "string"}}


def _reference(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}
