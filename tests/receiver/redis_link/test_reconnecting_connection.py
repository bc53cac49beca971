"""The receiver's own link, and the library's clients, at a server that wants to know who comes."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager

import pytest

from receiver.redis_link.reconnecting_connection import ReconnectingConnection
from tests.receiver.running import until
from tests.secured import PASSWORD, Secured, secured
from vedette.store.server.failover import client_in_thread
from vedette.store.server.server_address import RedisAddress
from vedette.store.server.server_check import ServerUnreachableError, check_server, open_redis

SCRIPT = "return 1"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Secured]:
    with secured(tmp_path_factory.mktemp("secured")) as found:
        yield found


@asynccontextmanager
async def linked(url: str) -> AsyncGenerator[ReconnectingConnection]:
    link = ReconnectingConnection(RedisAddress(url), script=SCRIPT, connect_timeout=5)
    running = asyncio.create_task(link.run())
    try:
        yield link
    finally:
        running.cancel()
        await asyncio.wait([running])


async def why_not(url: str) -> str:
    """Return why the link, and the library's clients, do not get through."""
    async with linked(url) as link:

        async def has_tried() -> bool:
            return link.problem != "not connected yet"

        await until(has_tried)
        problem = link.problem
        assert link.connection is None
    client = open_redis(url)
    with pytest.raises(ServerUnreachableError) as raised:
        await check_server(client, url)
    await client.aclose()
    assert PASSWORD not in f"{problem}{raised.value}"
    assert "hunter2" not in f"{problem}{raised.value}"
    return problem


async def assert_let_in(url: str) -> None:
    async with linked(url) as link, asyncio.timeout(10):
        await link.wait_until_up()
    client = open_redis(url)
    assert await check_server(client, url)
    await client.aclose()
    with client_in_thread(url, 5) as waits:
        assert waits.set("{vedette}:x", 1)


async def test_a_user_with_a_password_is_let_in(server: Secured) -> None:
    await assert_let_in(server.url)


@pytest.mark.parametrize("credentials", ["vedette:hunter2@", ":hunter2@", ""])
async def test_anybody_else_is_told_without_the_password(server: Secured, credentials: str) -> None:
    problem = await why_not(f"redis://{credentials}127.0.0.1:{server.port}")
    assert "WRONGPASS" in problem or "NOAUTH" in problem


async def test_tls_with_the_authority_and_a_certificate_of_ones_own_gets_through(server: Secured) -> None:
    await assert_let_in(server.tls_url(**server.certificates))


@pytest.mark.parametrize("option", [{"ssl_cert_reqs": "none"}, {"ssl_check_hostname": "no"}])
async def test_what_the_options_leave_unchecked_is_not_checked(server: Secured, option: dict[str, str]) -> None:
    given = server.certificates | option
    if "ssl_cert_reqs" in option:
        del given["ssl_ca_certs"]
    await assert_let_in(server.tls_url("127.0.0.1", **given))


@pytest.mark.parametrize(
    ("host", "without", "says"),
    [("localhost", "ssl_ca_certs", "certificate verify failed"), ("127.0.0.1", "", "IP address mismatch")],
)
async def test_a_server_that_is_not_the_one_it_should_be_is_left_alone(
    server: Secured, host: str, without: str, says: str
) -> None:
    given = {name: value for name, value in server.certificates.items() if name != without}
    assert says in await why_not(server.tls_url(host, **given))


async def test_a_client_without_the_certificate_that_the_server_wants_is_said_so(server: Secured) -> None:
    assert await why_not(server.tls_url(ssl_ca_certs=server.certificates["ssl_ca_certs"]))


async def test_plain_text_does_not_get_into_tls(server: Secured) -> None:
    assert await why_not(f"redis://127.0.0.1:{server.tls_port}")
