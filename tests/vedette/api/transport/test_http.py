"""The network end: requests that are sent, requests that are not, and network failures."""

import asyncio
import base64
import logging
import sys
from typing import Any

import pytest
import structlog

from tests.vedette.api.stub import TOKEN, Reply, StubSentry, issue, serving, talking
from vedette.api import HttpOptions, HttpTransport, RetryPolicy, Sentry, credential
from vedette.api.call import Call, fill, pairs
from vedette.api.errors import (
    ProjectRenamed,
    Redirected,
    SentryError,
    SentryTimeout,
    SentryUnreachable,
    ServerError,
    UnreadableAnswer,
)
from vedette.api.operations import OPERATIONS
from vedette.api.transport.http import check_base_url

ONCE = RetryPolicy(attempts=1)
WHOAMI = Call(OPERATIONS["auth.whoami"])


def client(url: str, **options: Any) -> Sentry:
    return Sentry(organization="acme", token=TOKEN, base_url=url, retries=ONCE, options=HttpOptions(**options))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://sentry.example.com/", "https://sentry.example.com"),
        ("http://sentry.internal:9000/api/0/", "http://sentry.internal:9000"),
        (" https://sentry.io ", "https://sentry.io"),
    ],
)
def test_the_address_is_kept_without_its_end(given: str, kept: str) -> None:
    assert check_base_url(given) == kept


@pytest.mark.parametrize(
    "url",
    [
        "sentry.io",
        "ftp://sentry.io",
        "https://",
        "https://ann:secret@sentry.io",
        "https://sentry.io/?a=1",
        "https://sentry.io/#a",
    ],
)
def test_an_address_that_cannot_be_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ValueError, match="address") as caught:
        check_base_url(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_parameter_cannot_leave_its_place_in_the_path(value: str) -> None:
    with pytest.raises(ValueError, match="issue_id"):
        fill("/issues/{issue_id}/", {"issue_id": value})
    assert fill("/issues/{issue_id}/", {"issue_id": "../a b?x#y/ä"}) == "/issues/..%2Fa%20b%3Fx%23y%2F%C3%A4/"


def test_a_query_is_written_as_sentry_reads_it() -> None:
    query = {"full": True, "id": [1, 2], "cursor": "", "query": "", "none": None}
    assert pairs(query) == (("full", "true"), ("id", "1"), ("id", "2"), ("query", ""))


async def test_a_version_arrives_percent_encoded_once(stub: StubSentry, sentry: Sentry) -> None:
    stub.on("GET", "*", Reply(200, {"version": "shop@2.1.0+7/x y%"}))
    await sentry.releases.get("shop@2.1.0+7/x y%")
    assert stub.requests[0].raw_path.endswith("/releases/shop%402.1.0%2B7%2Fx%20y%25/")


async def test_a_redirect_is_not_followed_and_the_token_stays(stub: StubSentry, sentry: Sentry) -> None:
    async with serving(elsewhere := StubSentry()) as url:
        stub.on("GET", "*", Reply(302, b"", {"location": f"{url}/login/"}))
        stub.on("POST", "*", Reply(307, b"", {"location": f"{url}/api/0/"}))
        with pytest.raises(Redirected, match="VEDETTE_SENTRY_URL"):
            await sentry.issues.get("42")
        with pytest.raises(Redirected):
            await sentry.issues.comment("42", "Looking.")
    assert elsewhere.requests == []


async def test_the_next_page_is_asked_of_the_configured_host(stub: StubSentry, sentry: Sentry) -> None:
    async with serving(elsewhere := StubSentry()) as url:
        link = f'<{url}/api/0/?cursor=0:1:0>; rel="next"; results="true"; cursor="0:1:0"'
        stub.on("GET", "*", Reply(200, [issue()], {"link": link}), Reply(200, []))
        await sentry.issues.search().collect()
    assert elsewhere.requests == []
    assert len(stub.requests) == 2


async def test_a_renamed_project_is_reported_with_its_new_slug(stub: StubSentry, sentry: Sentry) -> None:
    extra = {"code": "resource-moved", "message": "moved", "extra": {"url": "/x/", "slug": "store"}}
    stub.on("PUT", "*", Reply(302, {"slug": "store", "detail": extra}, {"location": "/api/0/projects/acme/store/"}))
    with pytest.raises(ProjectRenamed) as caught:
        await sentry.projects.update("shop", name="Store")
    assert caught.value.new_slug == "store"
    assert "'store'" in str(caught.value)
    assert len(stub.requests) == 1


async def test_cookies_are_not_kept(stub: StubSentry, sentry: Sentry) -> None:
    stub.on("GET", "*", Reply(200, issue(), {"set-cookie": "session=abc; Path=/"}))
    await sentry.issues.get("42")
    await sentry.issues.get("42")
    assert "cookie" not in stub.requests[1].headers


async def test_connections_are_used_again() -> None:
    connections = 0

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"version":"0"}')
            await writer.drain()

    async def patient(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await speak(reader, writer)
        except asyncio.IncompleteReadError:
            return

    async with talking(patient) as url, client(url) as sentry:
        for _ in range(3):
            await sentry.auth.whoami()
    assert connections == 1


async def test_what_must_not_be_sent_twice_goes_over_a_connection_of_its_own() -> None:
    served: list[bytes] = []

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request; end the connection without a word when the next one comes."""
        served.append((await reader.readuntil(b"\r\n\r\n")).split(b" ")[0])
        body = b'{"version":"0","clientSecret":"x"}'
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        await reader.read(1)

    async with talking(once) as url, client(url) as sentry:
        await sentry.auth.whoami()
        for _ in range(2):
            assert (await sentry.apps.rotate_secret("vedette")).changed
    assert served == [b"GET", b"POST", b"POST"]


async def test_a_slow_answer_ends_in_time() -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nX-Drip: ")
        try:
            while True:
                writer.write(b"H")
                await writer.drain()
                await asyncio.sleep(0.02)
        except ConnectionError:
            return

    async with talking(speak) as url, client(url, total=0.2) as sentry:
        with pytest.raises(SentryTimeout) as caught:
            await sentry.auth.whoami()
    assert caught.value.retryable


async def test_a_silent_server_is_a_timeout() -> None:
    async def speak(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with talking(speak) as url, client(url, read=0.1) as sentry:
        with pytest.raises(SentryTimeout, match="ReadTimeout"):
            await sentry.auth.whoami()


async def test_a_dropped_connection_leaves_a_write_unknown() -> None:
    async def speak(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")

    async with talking(speak) as url, client(url) as sentry:
        with pytest.raises(SentryUnreachable) as caught:
            await sentry.issues.comment("42", "Looking.")
    assert caught.value.outcome_unknown
    assert caught.value.status is None


async def test_a_refused_connection_surely_did_nothing(unused_tcp_port: int) -> None:
    async with client(f"http://127.0.0.1:{unused_tcp_port}") as sentry:
        with pytest.raises(SentryUnreachable) as caught:
            await sentry.issues.comment("42", "Looking.")
    assert not caught.value.outcome_unknown
    assert caught.value.retryable


async def test_broken_compression_is_unreadable(stub: StubSentry, sentry: Sentry) -> None:
    stub.on("GET", "*", Reply(200, b"not gzip", {"content-encoding": "gzip"}))
    with pytest.raises(UnreadableAnswer, match="compression"):
        await sentry.issues.get("42")


async def test_an_empty_answer_where_an_object_was_due_is_unreadable(stub: StubSentry, sentry: Sentry) -> None:
    stub.on("GET", "*", Reply(200))
    with pytest.raises(UnreadableAnswer):
        await sentry.issues.get("42")


async def test_a_missing_field_is_named_without_its_value(stub: StubSentry, sentry: Sentry) -> None:
    stub.on("GET", "*", Reply(200, {"shortId": "SHOP-4K", "title": "card 4111111111111111"}))
    with pytest.raises(UnreadableAnswer, match="not as expected of Issue: id") as caught:
        await sentry.issues.get("42")
    assert "4111" not in str(caught.value)


async def test_the_token_is_nowhere_but_in_the_header(
    stub: StubSentry, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    # Not kept in a variable: structlog shows those of every frame, also this one's.
    stub.on("GET", "*", Reply(500, {"detail": f"You sent Authorization: Bearer {TOKEN}"}))
    stub.on("PUT", "*", Reply(403, {"detail": f"You sent Authorization: Bearer {TOKEN}"}))
    async with HttpTransport(stub.url, credential(TOKEN)) as http:
        sentry = Sentry(organization="acme", transport=http)
        texts = [repr(sentry), repr(http), repr(credential(TOKEN)), str(credential(TOKEN))]
        for attempt in (sentry.issues.get("42"), sentry.projects.update("shop", name="x")):
            with pytest.raises(SentryError) as caught:
                await attempt
            texts += [str(caught.value), repr(caught.value), repr(caught.value.args), repr(vars(caught.value))]
            structlog.get_logger().error("failed", exc_info=caught.value)
    output = capsys.readouterr()
    everything = "".join([*texts, output.out, output.err, caplog.text])
    assert "[redacted]" in everything
    assert TOKEN not in everything
    assert TOKEN.removeprefix("sntryu_") not in everything
    assert stub.requests[0].headers["authorization"] == f"Bearer {TOKEN}"


QUIET = """
import asyncio, logging, sys
from vedette.api import Sentry
from vedette.api.errors import SentryError

async def main(url, level):
    if level:
        logging.basicConfig(level=level, stream=sys.stderr)
    async with Sentry(organization="acme", token="sntryu_x", base_url=url) as sentry:
        await sentry.issues.resolve("42")
        try:
            await sentry.issues.get("43")
        except SentryError:
            pass

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize("level", ["", "DEBUG"])
async def test_a_program_that_only_uses_the_client_keeps_its_standard_output(stub: StubSentry, level: str) -> None:
    stub.on("GET", "/api/0/organizations/acme/issues/42/", Reply(200, issue()))
    stub.on("PUT", "*", Reply(200, issue(status="resolved")))
    stub.on("GET", "/api/0/organizations/acme/issues/43/", Reply(200, b"<html>", {"content-type": "text/html"}))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", QUIET, stub.url, level, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, errors = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0, errors
    assert output == b""
    assert b"sentry call failed" in errors  # as warnings of any library
    assert (b"DEBUG:vedette.api:sentry answered operation=issues.get issue=42 status=200" in errors) is bool(level)


async def test_an_error_shows_the_token_in_no_form(stub: StubSentry) -> None:
    encoded = base64.b64encode(f"x{TOKEN}".encode()).decode()
    body = {"detail": f"sent {encoded}", "name": [TOKEN.upper()], "code": {TOKEN[4:20]: ["x"]}}
    stub.on("GET", "*", Reply(400, body, {"x-debug": TOKEN.upper()}))
    async with HttpTransport(stub.url, credential(TOKEN)) as http:
        with pytest.raises(SentryError) as caught:
            await http.send(WHOAMI)
    shown = f"{caught.value} {caught.value!r} {vars(caught.value)!r}".lower()
    assert TOKEN[7:20] not in shown
    assert encoded[4:24].lower() not in shown
    assert "name: ***" in shown


async def test_a_sick_gateway_is_named_in_one_line(stub: StubSentry) -> None:
    page = b"<html>\n<head><title>502 Bad\n Gateway</title></head><body>" + b"x" * 9000 + b"</body></html>"
    stub.on("GET", "*", Reply(502, page, {"content-type": "text/html"}))
    async with HttpTransport(stub.url, credential(TOKEN)) as http:
        with pytest.raises(ServerError) as caught:
            await http.send(WHOAMI)
    assert "502 Bad Gateway" in str(caught.value)
    assert len(str(caught.value)) < 700
    assert "\n" not in str(caught.value)
