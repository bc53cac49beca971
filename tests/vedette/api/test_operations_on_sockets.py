"""Each operation through a real socket: success, every error shape, and lists of 250 objects."""

from typing import Any

import pytest
from pydantic.alias_generators import to_snake

from tests.vedette.api.examples import BULK, EXAMPLES, Example
from tests.vedette.api.schema import operation_of
from tests.vedette.api.stub import TOKEN, Reply, Request, StubSentry
from vedette.api import OPERATIONS, Operation, Sentry
from vedette.api.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    Gone,
    NotAuthorized,
    NotFound,
    ProjectRenamed,
    RateLimited,
    Redirected,
    SentryError,
    ServerError,
    UnreadableAnswer,
)
from vedette.api.paging import Pages

FORBIDDEN = {"detail": "You do not have permission to perform this action."}
MOVED = {
    "slug": "store",
    "detail": {
        "code": "resource-moved",
        "message": "Resource has been moved",
        "extra": {"slug": "store", "url": "/x/"},
    },
}
HTML = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"

ERRORS: dict[str, tuple[type[SentryError], Reply]] = {
    "sentence": (BadRequest, Reply(400, {"detail": "Invalid cursor"})),
    "list": (BadRequest, Reply(400, {"detail": ["Invalid", "worse"]})),
    "by field": (BadRequest, Reply(400, {"statusDetails": {"inRelease": ["No such release"]}, "name": ["Too long"]})),
    "coded": (BadRequest, Reply(400, {"detail": {"code": "parameter-validation-error", "message": "No", "extra": {}}})),
    "bare string": (BadRequest, Reply(400, "Invalid origin")),
    "scope as 400": (Forbidden, Reply(400, {"detail": "You are missing the member:admin scope."})),
    "unauthorized": (NotAuthorized, Reply(401, {"detail": "Token expired"})),
    "forbidden": (Forbidden, Reply(403, FORBIDDEN)),
    "missing": (NotFound, Reply(404, {"detail": "The requested resource does not exist"})),
    "missing at the gateway": (NotFound, Reply(404)),
    "wrong method": (SentryError, Reply(405, {"detail": 'Method "PUT" not allowed.'})),
    "conflict": (Conflict, Reply(409, {"detail": "A project with this slug already exists."})),
    "gone": (Gone, Reply(410, {"message": "This API no longer exists."})),
    "limited": (
        RateLimited,
        Reply(
            429, {"detail": "You are attempting to use this endpoint too frequently."}, {"content-type": "text/html"}
        ),
    ),
    "query limited": (RateLimited, Reply(429, {"detail": "Rate limit exceeded. Try a smaller date range."})),
    "broken": (ServerError, Reply(500, {"detail": "Internal Error", "errorId": "f00"})),
    "proxy": (ServerError, Reply(502, HTML, {"content-type": "text/html"})),
    "gateway": (ServerError, Reply(503, {"error": "apigateway", "detail": "Downstream service unavailable"})),
    "renamed": (ProjectRenamed, Reply(302, MOVED, {"location": "/api/0/projects/acme/store/"})),
    "login page": (Redirected, Reply(302, b"", {"location": "https://evil.example.com/login"})),
    "page instead of data": (UnreadableAnswer, Reply(200, HTML, {"content-type": "text/html"})),
}


IDENTITY = {
    "issues.tag_values": "value",
    "apps.installations": "uuid",
    "traces.attributes": "key",
    "uptime.checks": "uptimeCheckId",
}
"""The field by which a listed object is known, where it is not the id."""


async def use(example: Example, sentry: Sentry) -> Any:
    found = example.use(sentry)
    return await found.collect() if isinstance(found, Pages) else await found


def test_there_is_an_example_of_every_operation() -> None:
    assert set(EXAMPLES) | BULK == set(OPERATIONS)


@pytest.mark.parametrize("name", EXAMPLES)
async def test_each_operation_succeeds(name: str, stub: StubSentry, sentry: Sentry) -> None:
    operation, example = OPERATIONS[name], EXAMPLES[name]
    success = {"nothing": 204}.get(operation.answers, 200)
    stub.on(operation.method, "*", Reply(success, example.body))
    found = await use(example, sentry)
    (request,) = stub.requests
    assert operation_of(request)[0] is operation
    assert request.raw_path.endswith("/")
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["user-agent"].startswith("vedette/")
    assert request.headers.get("content-type") == (None if request.body is None else "application/json")
    assert "origin" not in request.headers
    assert "s3cr3t" not in repr(found)
    if operation.answers == "list":
        assert len(found) == 1
    if operation.writes:
        assert found.changed
        assert found.intent
        assert found.intent[0].islower()


@pytest.mark.parametrize("name", EXAMPLES)
async def test_each_operation_reports_each_error(name: str, stub: StubSentry, sentry: Sentry) -> None:
    operation = OPERATIONS[name]
    for shape, (kind, reply) in ERRORS.items():
        if shape == "page instead of data" and operation.answers in {"nothing", "bytes"}:
            continue
        if kind is NotFound and operation.method == "DELETE":
            continue  # gone already is what was wanted
        stub.forget()
        stub.on(operation.method, "*", reply)
        with pytest.raises(SentryError) as caught:
            await use(EXAMPLES[name], sentry)
        error = caught.value
        assert type(error) is kind, shape
        _check_error(error, operation, reply)


def _check_error(error: SentryError, operation: Operation, reply: Reply) -> None:
    text = f"{error} {error!r}"
    assert error.status == reply.status
    assert error.operation == operation.name
    assert error.method == operation.method
    assert error.path in text
    assert error.advice in str(error)
    assert TOKEN not in text
    assert "email:ann" not in text
    if isinstance(error, Forbidden):
        assert error.scope_to_add is None or error.scope_to_add in str(error)
        if operation.required and not operation.needs_person and reply.status == 403:
            assert "Settings > Custom Integrations" in str(error)


@pytest.mark.parametrize("name", [name for name, operation in OPERATIONS.items() if operation.paginated])
async def test_each_list_is_read_to_its_end(name: str, stub: StubSentry, sentry: Sentry) -> None:
    example = EXAMPLES[name]
    rows = name == "events.search"
    sample: dict[str, Any] = example.body["data"][0] if rows else example.body[0]
    key = IDENTITY.get(name, "id")

    def page(request: Request) -> Reply:
        cursor = dict(request.query).get("cursor", "0:0:0")
        start = int(cursor.split(":")[1])
        objects = [{**sample, key: str(number)} for number in range(start, min(start + 100, 250))]
        more = str(start + 100 < 250).lower()
        link = (
            f'<http://elsewhere.example.com/api/0/?cursor=0:0:1>; rel="previous"; results="false"; cursor="0:0:1", '
            f'<http://elsewhere.example.com/api/0/?a=1,2>; rel="next"; results="{more}"; cursor="0:{start + 100}:0"'
        )
        return Reply(200, {"data": objects, "meta": {}} if rows else objects, {"link": link, "x-hits": "250"})

    stub.on("GET", "*", page)
    pages = example.use(sentry)
    assert isinstance(pages, Pages)
    found = await pages.collect()
    assert [getattr(each, to_snake(key)) for each in found] == [str(number) for number in range(250)]
    assert pages.hits == 250
    assert len(stub.requests) == 3
    first, second, _ = stub.requests
    assert [pair for pair in second.query if pair[0] != "cursor"] == first.query
