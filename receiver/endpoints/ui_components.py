"""Serves UI components: requests of Sentry's interface while a user waits (link an issue, fill a drop-down).

A registered responder answers them directly; they are not stored. The signature is `Sentry-App-Signature`, over the
body of a POST and over the empty string for a GET, so a GET's signature is constant and does not cover the query.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from receiver.endpoints.responses import ErrorResponse, send_json
from receiver.verification.headers import APP_SIGNATURE, CONTENT_LENGTH
from receiver.verification.signatures import Keyring
from vedette.http_server.body_reader import BodyReader, BodyRejectedError
from vedette.http_server.rejections import RejectionLog
from vedette.settings.settings import DEFAULT_INTEGRATION

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


@dataclass(frozen=True, slots=True)
class ComponentRequest:
    """A request of Sentry's interface."""

    integration: str
    name: str
    """The last part of the path, as in the component's `uri`."""
    query: str
    """The raw query string; unsigned."""
    body: bytes
    """The raw body; empty for a GET."""


@dataclass(frozen=True, slots=True)
class ComponentAnswer:
    """The response; a status below 400 is success, and the interface shows the text of `{"message": ...}`."""

    value: Any
    status: int = 200


Responder = Callable[[ComponentRequest], Awaitable[ComponentAnswer]]


class Responders(Protocol):
    """The registry of responders."""

    def find(self, integration: str, name: str) -> Responder | None:
        """Return the responder of a component, or None."""
        ...


class NoResponders:
    """A registry without responders."""

    def find(self, integration: str, name: str) -> Responder | None:
        """Return None."""
        del integration, name
        return None


class UiComponentEndpoint:
    """The endpoint of UI components."""

    def __init__(
        self,
        keyrings: Mapping[str, Keyring],
        responders: Responders,
        bodies: BodyReader,
        rejections: RejectionLog,
        *,
        timeout: float,
        linger: float,
    ) -> None:
        self._keyrings = keyrings
        self._responders = responders
        self._bodies = bodies
        self._rejections = rejections
        self._timeout = timeout
        self._linger = linger

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Handle a request."""
        integration: str = scope["path_params"].get("integration", DEFAULT_INTEGRATION)
        headers: dict[bytes, bytes] = dict(scope["headers"])
        keyring = self._keyrings.get(integration)
        if keyring is None:
            await self._refuse("unknown_path", 404, "not found")(scope, receive, send)
        elif APP_SIGNATURE not in headers:
            await self._refuse("no_signature", 401, "unauthorized")(scope, receive, send)
        else:
            try:
                body = await self._bodies.read(scope, receive, headers.get(CONTENT_LENGTH))
            except BodyRejectedError as error:
                await self._refuse(error.reason, 413, "body refused")(scope, receive, send)
                return
            if keyring.match(body, headers[APP_SIGNATURE]) is None:
                await self._refuse("wrong_signature", 401, "unauthorized").send_now(send)
                return
            request = ComponentRequest(
                integration, scope["path_params"]["name"], scope["query_string"].decode("latin-1"), body
            )
            await self._respond(request, send)

    async def _respond(self, request: ComponentRequest, send: "Send") -> None:
        responder = self._responders.find(request.integration, request.name)
        if responder is None:
            await self._refuse("unknown_component", 404, "not found").send_now(send)
            return
        log = structlog.stdlib.get_logger(__name__).bind(integration=request.integration, component=request.name)
        try:
            async with asyncio.timeout(self._timeout):
                answer = await responder(request)
        except TimeoutError:
            log.warning("component too slow", seconds=self._timeout)
            await send_json(send, 500, {"message": "Vedette took too long to answer"})
        except Exception:  # a responder is foreign code that may raise anything, and a user waits for the response
            log.exception("component failed")
            await send_json(send, 500, {"message": "Vedette could not answer"})
        else:
            await send_json(send, answer.status, answer.value)

    def _refuse(self, reason: str, status: int, error: str) -> ErrorResponse:
        self._rejections.record(reason)
        return ErrorResponse(status, error, linger=self._linger)
