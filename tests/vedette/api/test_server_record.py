"""Old servers: missing routes are reported, remembered, and avoided where there is another."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from cachetools import TTLCache

from tests.vedette.api.stub import TOKEN, Reply, Request, StubSentry, issue, serving
from vedette.api import OPERATIONS, CallOptions, HttpTransport, RetryingTransport, RetryPolicy, Sentry, credential
from vedette.api.call import Call
from vedette.api.differences import BY_REFUSAL, BY_ROUTE
from vedette.api.errors import BadRequest, Forbidden, NotFound, RouteMissing, read_detail
from vedette.api.server_record import ServerRecord, ServerTransport, record_of

NO_TEXT = Reply(404)
AUTOFIX = "/api/0/organizations/acme/issues/42/autofix/"
LOG = "/api/0/sentry-apps/vedette/webhook-requests/"
OLD_LOG = "/api/0/sentry-apps/vedette/requests/"


@pytest.fixture
def record() -> ServerRecord:
    return ServerRecord("sentry.example.com:9000")


@pytest.fixture
async def stub() -> AsyncIterator[StubSentry]:
    """Not held against today's schema: these servers are older."""
    stub = StubSentry()
    async with serving(stub) as stub.url:
        yield stub


@pytest.fixture
async def sentry(stub: StubSentry, record: ServerRecord, naps: list[float]) -> AsyncIterator[Sentry]:
    async def nap(seconds: float) -> None:
        naps.append(seconds)

    async with HttpTransport(stub.url, credential(TOKEN)) as http:
        layers = RetryingTransport(ServerTransport(http, record), RetryPolicy(), nap, lambda: 0.5)
        yield Sentry(
            organization="acme",
            transport=layers,
            server=record.shown,
            call_options=CallOptions(fresh=frozenset({"42"})),
        )


async def test_a_missing_route_is_said_as_such_not_waited_for_and_asked_once_an_hour(
    stub: StubSentry, sentry: Sentry, record: ServerRecord, naps: list[float]
) -> None:
    now = 0.0
    record.missing = TTLCache[str, bool](10, ttl=3600.0, timer=lambda: now)
    stub.on("GET", AUTOFIX, NO_TEXT)
    for said in ("it answered 404", "it answered within the last hour 404"):
        with pytest.raises(RouteMissing, match=f"sentry.example.com:9000 has no such route: {said}") as caught:
            await sentry.issues.autofix("42")
        assert "Sentry 23.7.1 lacks it too (Seer: no such route)" in str(caught.value)
        assert not caught.value.retryable
    assert (len(stub.requests), naps, sentry.server.lacks) == (1, [], ("issues.autofix",))
    assert str(sentry.server) == "sentry.example.com:9000: Seer: no such route (as Sentry 23.7.1)"
    now = 3601.0
    stub.forget()
    stub.on("GET", AUTOFIX, Reply(200, {"autofix": None}))
    await sentry.issues.autofix("42")
    assert sentry.server.lacks == ()


async def test_an_issue_is_still_waited_for_where_sentry_says_something(
    stub: StubSentry, sentry: Sentry, naps: list[float]
) -> None:
    stub.on("GET", "*", Reply(404, {"detail": "The requested resource does not exist"}), Reply(200, issue()))
    assert (await sentry.issues.get("42")).id == "42"
    assert naps == [1.0]


async def test_a_route_that_every_version_has_is_asked_for_again(stub: StubSentry, sentry: Sentry) -> None:
    stub.on("GET", "*", NO_TEXT, Reply(200, issue()))
    with pytest.raises(RouteMissing, match="any proxy in front of it"):
        await sentry.issues.get("42")
    assert (await sentry.issues.get("42")).id == "42"


async def test_on_sentry_io_an_empty_404_may_be_the_organization(stub: StubSentry) -> None:
    stub.on("GET", "*", NO_TEXT)
    async with HttpTransport(stub.url, credential(TOKEN)) as http:
        sentry = Sentry(organization="acme", transport=ServerTransport(http, record_of("https://de.sentry.io")))
        with pytest.raises(NotFound, match="knows no such organization, or where a server has no such route") as caught:
            await sentry.issues.autofix("43")
    assert not isinstance(caught.value, RouteMissing)


async def test_only_the_recommended_event_is_missing_not_all_events(
    stub: StubSentry, sentry: Sentry, record: ServerRecord
) -> None:
    stub.on("GET", "/api/0/organizations/acme/issues/42/events/recommended/", NO_TEXT)
    stub.on("GET", "/api/0/organizations/acme/issues/42/events/latest/", Reply(200, {"id": "1", "eventID": "1"}))
    with pytest.raises(RouteMissing, match="use `latest`"):
        await sentry.events.get_for_issue("42", "recommended")
    await sentry.events.get_for_issue("42")
    assert sentry.server.lacks == ("events.get_for_issue/recommended",)


async def test_the_log_of_webhooks_is_read_where_older_servers_have_it(stub: StubSentry, sentry: Sentry) -> None:
    rows = [
        {"eventType": "issue.created", "responseCode": 200, "date": "2026-11-28 01:00:00.123456+00:00"},
        {"event_type": "issue.resolved", "response_code": 0, "date": "2026-11-20 01:00:00+00:00", "request_body": "{}"},
    ]
    stub.on("GET", LOG, NO_TEXT)
    stub.on("GET", OLD_LOG, Reply(200, rows))
    for _ in range(2):
        found = await sentry.apps.webhook_requests("vedette")
        assert [(one.event_type, one.response_code) for one in found] == [("issue.created", 200), ("issue.resolved", 0)]
    late = await sentry.apps.webhook_requests("vedette", start=datetime(2026, 11, 27, tzinfo=UTC))
    assert [one.event_type for one in late] == ["issue.created"]
    assert [
        one.event_type for one in await sentry.apps.webhook_requests("vedette", end=datetime(2026, 11, 21, tzinfo=UTC))
    ] == ["issue.resolved"]
    assert [request.path for request in stub.requests] == [LOG, OLD_LOG, OLD_LOG, OLD_LOG, OLD_LOG]
    # Sentry keeps no organization for internal integrations: with it the list would be empty.
    assert not any(name == "organizationSlug" for request in stub.requests for name, _ in request.query)
    await sentry.apps.webhook_requests("vedette", organization="acme")
    assert ("organizationSlug", "acme") in stub.requests[-1].query


async def test_the_log_of_webhooks_is_always_asked_for_a_time(stub: StubSentry, sentry: Sentry) -> None:
    # Sentry computes its default of `start` when its server starts.
    failed = {
        "webhookUrl": "https://hooks.example.org/hooks/default",
        "sentryAppSlug": "vedette",
        "eventType": "issue.created",
        "date": "2026-11-28 01:00:00.123456+00:00",
        "responseCode": -1,
        "requestId": "7" * 32,
        "idempotencyKey": None,
        "subjectId": "6941180273",
        "subjectType": "issue",
        "durationMs": None,
        "project_id": 7,
        "error_id": "9" * 32,
        "request_body": "{}",
    }
    stub.on("GET", LOG, Reply(200, [failed]))
    (found,) = await sentry.apps.webhook_requests("vedette")
    (start,) = [text for name, text in stub.requests[-1].query if name == "start"]
    age = datetime.now(UTC) - datetime.strptime(start, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    assert age - timedelta(days=30) < timedelta(minutes=5)
    assert (found.response_code, found.subject_type, found.subject_id) == (-1, "issue", "6941180273")
    assert (found.request_id, found.idempotency_key, found.duration_ms) == ("7" * 32, None, None)
    assert (found.error_id, found.project_id) == ("9" * 32, "7")


async def test_where_neither_path_is_there_it_is_said(stub: StubSentry, sentry: Sentry) -> None:
    stub.on("GET", "*", NO_TEXT)
    with pytest.raises(NotFound):
        await sentry.apps.webhook_requests("vedette")
    assert len(stub.requests) == 2


async def test_a_server_that_wants_ids_of_projects_says_so(stub: StubSentry, sentry: Sentry) -> None:
    stub.on("GET", "*", Reply(400, {"detail": "Invalid project parameter. Values must be numbers."}))
    with pytest.raises(BadRequest, match="Give projects by their numeric ids"):
        await sentry.issues.search(project=["shop"]).collect()
    assert sentry.server.only_project_ids
    assert "ids alone" in str(sentry.server)


async def test_bulk_calls_name_the_project_by_its_id(stub: StubSentry, sentry: Sentry) -> None:
    def strict(request: Request) -> Reply:
        given = [value for name, value in request.query if name == "project"]
        if all(value.isdigit() for value in given):
            return Reply(200, {"merge": {}}) if request.method == "PUT" else Reply(204)
        return Reply(400, {"detail": "Invalid project parameter. Values must be numbers."})

    stub.on("GET", "*", Reply(200, [issue(id="1"), issue(id="2")]))
    stub.on("PUT", "*", strict)
    stub.on("DELETE", "*", strict)
    assert (await sentry.issues.merge(["1", "2"])).changed
    assert all(change.changed for change in await sentry.issues.delete_many(["1", "2"]))
    assert {value for request in stub.sent("PUT") for name, value in request.query if name == "project"} == {"7"}


async def test_advice_about_a_scope_that_is_held_names_other_reasons(stub: StubSentry, sentry: Sentry) -> None:
    stub.on("GET", "/api/0/", Reply(200, {"version": "0", "auth": {"scopes": ["project:write"]}, "user": {}}))
    stub.on("GET", "*", Reply(403, {"detail": "You do not have permission to perform this action."}))
    with pytest.raises(Forbidden, match=r"Add the scope project:read .* if it is not there"):
        await sentry.projects.get("shop")
    await sentry.auth.whoami()
    with pytest.raises(Forbidden, match="The token holds project:read, so it is no matter of scopes"):
        await sentry.projects.get("shop")


async def test_a_field_that_is_dropped_is_told_by_the_change_and_the_server(stub: StubSentry, sentry: Sentry) -> None:
    old = {name: value for name, value in issue().items() if name != "priority"}
    stub.on("GET", "*", Reply(200, old))
    stub.on("PUT", "*", Reply(200, old))
    change = await sentry.issues.set_priority("42", "high")
    assert change.unconfirmed == {"priority"}
    assert [row.name for row in sentry.server.differences] == ["priority"]


def test_what_old_servers_refuse_to_every_token_is_said() -> None:
    call = Call(OPERATIONS["apps.delete"], {"sentry_app_id_or_slug": "vedette"})
    error = Forbidden(call, status=403, detail=read_detail({"detail": "No."}))
    assert "Servers as old as Sentry 23.7.1 refuse it to every token" in str(error)


def test_the_table_names_operations_that_there_are() -> None:
    assert {route.partition("/")[0] for route in BY_ROUTE} <= set(OPERATIONS)
    assert set(BY_REFUSAL) <= set(OPERATIONS)


async def test_a_client_of_its_own_shows_its_server(stub: StubSentry) -> None:
    stub.on("GET", AUTOFIX, NO_TEXT)
    async with Sentry(organization="acme", token=TOKEN, base_url=stub.url) as sentry:
        with pytest.raises(RouteMissing):
            await sentry.issues.autofix("42")
        assert sentry.view(fresh=()).server == sentry.server
        assert sentry.server.lacks == ("issues.autofix",)
        assert [row.name for row in sentry.server.differences] == ["Seer"]
