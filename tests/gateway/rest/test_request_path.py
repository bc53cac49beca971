"""Paths that two programs could read differently: none of them ever reaches Sentry."""

import asyncio
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gateway.rejections import MethodRefused, UnknownEndpointError, UnusablePathError
from gateway.rest.parameter_forms import is_wellformed
from gateway.rest.request_path import LONGEST, split_path
from gateway.rest.routes import ROUTES
from tests.gateway.gateways import RunningGateway
from vedette.api.call import fill
from vedette.api.operations import OPERATIONS

ISSUES = "/api/0/organizations/acme/issues"
TRICKS = {
    "dots": f"{ISSUES}/../projects/",
    "dot": f"{ISSUES}/./1/",
    "encoded dots": f"{ISSUES}/%2e%2e/projects/",
    "half encoded dots": f"{ISSUES}/.%2E/projects/",
    "encoded slash": f"{ISSUES}/1%2Ftags/",
    "encoded backslash": f"{ISSUES}/1%5ctags/",
    "backslash": f"{ISSUES}\\..\\projects/",
    "empty segment": "/api/0//organizations/acme/issues/",
    "empty segment at the end": f"{ISSUES}//",
    "two slashes in front": "//api/0/organizations/acme/issues/",
    "semicolon": f"{ISSUES};x=1/",
    "encoded semicolon": f"{ISSUES}/1%3b/",
    "NUL": f"{ISSUES}/1%00/",
    "line feed": f"{ISSUES}/1%0a/",
    "DEL": f"{ISSUES}/1%7f/",
    "twice encoded": f"{ISSUES}/%252e%252e/projects/",
    "broken escape": f"{ISSUES}/1%2/",
    "no escape": f"{ISSUES}/1%zz/",
    "overlong UTF-8": f"{ISSUES}/%c0%ae%c0%ae/projects/",
    "no UTF-8": f"{ISSUES}/%ff/",
    "invisible character": "/api/0/organizations/acme/releases/1%E2%80%8B0/",
    "bidirectional override": "/api/0/organizations/acme/releases/1%E2%80%AE0/",
    "absolute form": f"http://sentry.io{ISSUES}/",
    "another scheme": "file:///etc/passwd",
    "no path": "*",
    "fragment": f"{ISSUES}/#x",
    "quotation mark": f'{ISSUES}/"/',
    "8 kB": f"{ISSUES}/{'1' * 8192}/",
}

UNKNOWN = (
    "/API/0/organizations/acme/issues/",
    "/api/0/Organizations/acme/issues/",
    "/api/0/organizations/ACME/issues/",
    "/api/0/issues/1/",
    "/api/0/organizations/acme/issues/1/events/latest/attachments/1/raw/",
    "/api/0/organizations/acme/releases/stats/",
    "/api/0/organizations/acme/members/bulk/",
    "/api/0/organizations/acme/dashboards/starred/",
    "/api/1/organizations/acme/issues/",
    "/api/0/internal/health/",
    "/oauth/token/",
)


async def raw(gateway: RunningGateway, agent: str, target: str, *lines: str, method: str = "GET") -> tuple[int, bytes]:
    """Send a request line as it is written here, and return the status and the body of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    head = [f"{method} {target} HTTP/1.1", "Host: x", f"Authorization: Bearer {gateway.tokens[agent]}", *lines]
    writer.write("\r\n".join([*head, "Connection: close", "", ""]).encode("latin-1"))
    answer = await asyncio.wait_for(reader.read(), 60)
    writer.close()
    top, _, body = answer.partition(b"\r\n\r\n")
    return int(top[9:12]), body


async def test_a_path_with_two_meanings_is_rejected(gateway: RunningGateway) -> None:
    statuses = {trick: (await raw(gateway, "owner", target))[0] for trick, target in TRICKS.items()}
    assert statuses == dict.fromkeys(TRICKS, 400)
    assert gateway.sentry.seen == []


async def test_a_path_that_no_operation_has_is_denied_and_never_tried(gateway: RunningGateway) -> None:
    statuses = {path: (await raw(gateway, "owner", path))[0] for path in UNKNOWN}
    assert statuses == dict.fromkeys(UNKNOWN, 403)
    assert gateway.sentry.seen == []


async def test_a_missing_slash_is_the_same_resource_and_no_redirect(gateway: RunningGateway) -> None:
    path = gateway.issue_path().removesuffix("/")
    response = await gateway.call("actor", "PUT", path, json={"status": "resolved"})

    assert response.status_code == 200
    assert gateway.issues["first"].status == "resolved"
    assert gateway.sentry.writes() == [f"PUT {path}/"]


async def test_other_methods_are_not_passed_on(gateway: RunningGateway) -> None:
    for method in ("HEAD", "OPTIONS", "PATCH", "TRACE"):
        status, _ = await raw(gateway, "owner", gateway.issue_path(), method=method)
        assert status == 405
    assert gateway.sentry.seen == []


async def test_answers_without_a_body_leave_the_connection_to_the_next_request(gateway: RunningGateway) -> None:
    """A body behind the answer to HEAD, or behind 204, would be read as the beginning of the next answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    token = f"Host: x\r\nAuthorization: Bearer {gateway.tokens['actor']}\r\n"
    update = "Content-Type: application/json\r\nContent-Length: 21\r\n\r\n"
    requests = [
        f"HEAD {gateway.issue_path()} HTTP/1.1\r\n{token}\r\n",
        f"PUT {ISSUES}/?query=is:resolved HTTP/1.1\r\n{token}{update}" + '{"status":"resolved"}',
        f"GET {gateway.issue_path()} HTTP/1.1\r\n{token}Connection: close\r\n\r\n",
    ]
    heads: list[bytes] = []
    for request in requests:
        writer.write(request.encode())
        heads.append(await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10))
    writer.close()
    assert [head[9:12] for head in heads] == [b"405", b"204", b"200"]
    assert all(head.startswith(b"HTTP/1.1 ") for head in heads), heads
    assert b"content-length" not in heads[1].lower()


async def test_connect_is_no_request_of_this_server(gateway: RunningGateway) -> None:
    status, _ = await raw(gateway, "owner", "sentry.io:443", method="CONNECT")
    assert status in {400, 405}
    assert gateway.sentry.seen == []


async def test_a_release_with_signs_in_its_version_is_found(gateway: RunningGateway) -> None:
    version = "shop@1.0+build 7"
    created = await gateway.call(
        "owner", "POST", "/api/0/organizations/acme/releases/", json={"version": version, "projects": ["shop"]}
    )
    read = await gateway.call("owner", "GET", "/api/0/organizations/acme/releases/shop%401.0+build%207/")

    assert (created.status_code, read.status_code) == (201, 200)
    assert read.json()["version"] == version


def test_every_parameter_of_the_table_has_a_form_that_its_examples_have() -> None:
    for operation in OPERATIONS.values():
        for name in operation.parameters:
            assert is_wellformed(name, example_of(name)), (operation.name, name)
            assert not is_wellformed(name, "x" * 300), name


def example_of(parameter: str) -> str:
    """A value that Sentry gives to this parameter."""
    if parameter.endswith("_or_slug"):
        return "acme"
    special = {"version": "shop@1.0", "key": "browser.name", "issue_id": "SHOP-4K", "event_id": "a" * 32}
    return special.get(parameter, "b" * 32 if parameter in {"uuid", "trace_id"} else "42")


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda operation: operation.name)
def test_each_operation_is_found_by_its_own_path(operation: object) -> None:
    known = OPERATIONS[operation.name]  # type: ignore[attr-defined]
    path = fill(known.path, {name: example_of(name) for name in known.parameters})
    found = ROUTES.find(known.method, split_path(path.encode()))
    assert found.operation is known
    assert fill(found.operation.path, found.parameters) == path


_SEGMENT = st.one_of(
    st.sampled_from(
        sorted({each for known in OPERATIONS.values() for each in known.path.split("/") if each and "{" not in each})
    ),
    st.sampled_from(["acme", "shop", "42", "SHOP-4K", "a" * 32, "latest", "me", "1.0", "..", ".", "", "%2e", "stats"]),
    st.text(max_size=12),
    st.binary(max_size=6).map(lambda raw: "".join(f"%{byte:02x}" for byte in raw)),
)
_PATH = st.lists(_SEGMENT, max_size=9).map(lambda segments: "/" + "/".join(segments))


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@example("/api/0/organizations/acme/issues/../projects/", "GET")
@given(st.one_of(_PATH, _PATH.map(lambda path: f"/api/0{path}/")), st.sampled_from(["GET", "PUT", "POST", "DELETE"]))
def test_whatever_a_path_is_only_the_filled_template_of_its_operation_can_be_sent(path: str, method: str) -> None:
    given_bytes = path.encode("utf-8", "surrogatepass")
    try:
        found = ROUTES.find(method, split_path(given_bytes))
    except (UnusablePathError, UnknownEndpointError, MethodRefused):
        return
    sent = fill(found.operation.path, found.parameters)
    assert found.operation.method == method
    assert split_path(sent.encode()) == split_path(given_bytes)
    assert unquote(sent).rstrip("/") == unquote(path).rstrip("/")
    assert len(given_bytes) <= LONGEST
