"""Bounds what the clients of the gateway may hold, and keeps the target of each request line as it came.

uvicorn splits the target as an address and decodes it, so that `http://elsewhere/api/0/`, `//api` and `/api#x` would
look like plain paths. The checks of `gateway.rest.request_path` need the bytes themselves.
"""

from typing import Final

from vedette.http_server.background_tasks import BackgroundTasks
from vedette.http_server.body_reader import BodyReader
from vedette.http_server.connections import ClientConnections
from vedette.http_server.file_limit import fit_connections
from vedette.http_server.http_protocol import BoundedHttpProtocol, ProtocolLimits
from vedette.http_server.peers import Peers
from vedette.http_server.read_scheduler import ReadScheduler
from vedette.http_server.rejections import RejectionLog
from vedette.http_server.uploads import Uploads

CONNECTIONS: Final = 1024
_PEER_SHARE: Final = 0.5
"""The share of the connections that one address may have; most agents run on a few machines."""
_HEAD: Final = 32 * 1024
"""Bytes of a request line with its headers: 1,000 ids in a query take half of that."""
_HEADS: Final = 16 * 1024 * 1024
BODY: Final = 1024 * 1024
"""Bytes of a body at most; the REST API reads less of it."""
_BODIES: Final = 32 * 1024 * 1024
_TIMEOUT: Final = 10.0
"""Seconds that a head may take, and again a body."""


class ExactPathProtocol(BoundedHttpProtocol):
    """The bounded protocol, with the exact path in `raw_path` of the scope."""

    def on_headers_complete(self) -> None:
        """Begin a request (called by the parser)."""
        super().on_headers_complete()
        path, _, query = self.url.partition(b"?")
        self.scope["raw_path"] = path
        self.scope["query_string"] = query


class ClientLimits:
    """The connections, heads and bodies of all clients of a gateway."""

    def __init__(self) -> None:
        self.rejected: dict[str, int] = {}
        """Reason -> number of rejected requests and connections."""
        self.rejections = RejectionLog(self._count)
        peers = Peers()
        self._uploads = Uploads(limit=_BODIES, peer_limit=round(_BODIES * _PEER_SHARE))
        self.bodies = BodyReader(limit=BODY, timeout=_TIMEOUT, uploads=self._uploads, peers=peers)
        most = fit_connections(CONNECTIONS)
        self._connections = ClientConnections(
            self.rejections.record,
            limit=most,
            peer_limit=max(1, round(most * _PEER_SHARE)),
            heads_limit=_HEADS,
            head_timeout=_TIMEOUT,
        )
        self._limits = ProtocolLimits(
            head_limit=_HEAD,
            body_limit=BODY,
            connections=self._connections,
            uploads=self._uploads,
            peers=peers,
            rejections=self.rejections,
            scheduler=ReadScheduler(),
        )

    def make_protocol(self) -> type[ExactPathProtocol]:
        """Return the HTTP protocol with these limits."""
        return type("ConfiguredGatewayHttp", (ExactPathProtocol,), {"limits": self._limits})

    def start(self, background: BackgroundTasks) -> None:
        """Start the tasks that end late heads and bodies."""
        background.start("bodies", self.bodies.reject_late_bodies)
        background.start("heads", self._connections.close_late_heads)

    def _count(self, reason: str) -> None:
        self.rejected[reason] = self.rejected.get(reason, 0) + 1
