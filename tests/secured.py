"""A server that asks for a user and a password, and TLS in front of it, which the wheel's server has none of."""

import asyncio
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import trustme

from tests.topologies import DATA, Node, eventually

USER = "vedette"
PASSWORD = "hunter2:/@%"
PASSWORD_AS_GIVEN = quote(PASSWORD, safe="")
"""In a URL."""
ACL = f"user {USER} on >{PASSWORD} ~{{vedette}}:* +@all -@admin -@dangerous +info"
"""As docs/deployment.md has it."""


@dataclass
class Secured:
    """Where a secured server is, plainly and through TLS that wants a client's certificate."""

    port: int
    tls_port: int
    folder: Path

    @property
    def url(self) -> str:
        return f"redis://{USER}:{PASSWORD_AS_GIVEN}@127.0.0.1:{self.port}"

    @property
    def certificates(self) -> dict[str, str]:
        return {
            "ssl_ca_certs": str(self.folder / "ca.pem"),
            "ssl_certfile": str(self.folder / "client.pem"),
            "ssl_keyfile": str(self.folder / "client.pem"),
        }

    def tls_url(self, host: str = "localhost", **options: str) -> str:
        query = "&".join(f"{name}={quote(value)}" for name, value in options.items())
        return f"rediss://{USER}:{PASSWORD_AS_GIVEN}@{host}:{self.tls_port}?{query}"


@contextmanager
def secured(folder: Path) -> Generator[Secured]:
    node = Node(folder / "server", config=f"{DATA}{ACL}\nuser default off\n")
    node.client.connection_pool.connection_kwargs |= {"username": USER, "password": PASSWORD}
    try:
        node.ready()
        with _tls(folder, node.port) as port:
            yield Secured(node.port, port, folder)
    finally:
        node.end()


@contextmanager
def _tls(folder: Path, backend: int) -> Generator[int]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    for name, owner in (("client", "client@example.org"), ("server", "localhost")):
        authority.issue_cert(owner).private_key_and_cert_chain_pem.write_to_path(folder / f"{name}.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(folder / "ca.pem")
    context.load_cert_chain(folder / "server.pem")
    ports: list[int] = []
    loop = asyncio.new_event_loop()
    task = loop.create_task(_pass_on(context, backend, ports))

    def serve() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)
        loop.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield eventually(lambda: ports)[0]
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(10)


async def _pass_on(context: ssl.SSLContext, backend: int, ports: list[int]) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner, outer = await asyncio.open_connection("127.0.0.1", backend)
        with suppress(asyncio.CancelledError):
            await asyncio.gather(_copy(reader, outer), _copy(inner, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    # Handshakes that are refused are what the tests want to see, and no news.
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _details: None)
    async with server:
        ports.append(server.sockets[0].getsockname()[1])
        await server.serve_forever()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
    target.close()
