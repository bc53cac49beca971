"""The public URL, tried with an unsigned request: over TLS, and whatever a server answers."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Any, cast

import trustme
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.checks.url_probe import probe_url

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

OWN = (
    b'HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: 24\r\n\r\n{"error":"unauthorized"}'
)


async def answered(
    raw: bytes, probe: Callable[[int], Awaitable[object]], context: ssl.SSLContext | None = None
) -> None:
    """Serve raw bytes to each connection while a probe runs."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(raw)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        await probe(server.sockets[0].getsockname()[1])


async def test_a_certificate_of_an_unknown_authority_is_told_apart() -> None:
    authority, context = cast("Any", trustme.CA()), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)

    async def probe(port: int) -> None:
        found = await probe_url(f"https://localhost:{port}/hooks")
        assert found.state == "tls"
        assert "certificate" in found.detail
        trusting = ssl.create_default_context()
        authority.configure_trust(trusting)
        assert (await probe_url(f"https://localhost:{port}/hooks", verify=trusting)).state == "receiver"

    await answered(OWN, probe, context)


async def test_a_server_that_speaks_no_tls_is_a_matter_of_tls_too() -> None:
    async def probe(port: int) -> None:
        assert (await probe_url(f"https://127.0.0.1:{port}/hooks")).state == "tls"

    await answered(OWN, probe)


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.binary(max_size=200).map(lambda rest: b"HTTP/1.1 401 x\r\n" + rest)))
def test_no_answer_is_taken_for_the_receivers_unless_it_is(raw: bytes) -> None:
    async def probe(port: int) -> None:
        found = await probe_url(f"http://127.0.0.1:{port}/hooks")
        assert found.state != "receiver"
        assert found.detail.isprintable()

    asyncio.run(answered(raw, probe))
