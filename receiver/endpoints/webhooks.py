"""Serves the webhook endpoint: reads the body, verifies it, stores the delivery and responds, in this order.

It is a plain ASGI application: Starlette's request and response objects would cost a third of its throughput.
"""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

import structlog

from receiver.endpoints.responses import ErrorResponse, respond_stored, send_stored
from receiver.ingest.ingest import Ingest, IngestResult, ReceivedRequest
from receiver.observability.error_reporting import ErrorReporter
from receiver.observability.receiver_metrics import ReceiverMetrics
from receiver.spool.writer import SpoolUnavailableError
from receiver.verification.headers import (
    CONTENT_LENGTH,
    IDEMPOTENCY_KEY,
    REQUEST_ID,
    decode_header,
    parse_idempotency_key,
)
from receiver.verification.sources import DeliverySource
from vedette.events.identification import Identification, identify
from vedette.events.identifiers import identifier
from vedette.http_server.body_reader import BodyIncompleteError, BodyReader, BodyRejectedError
from vedette.http_server.buffered_request import BufferedRequest
from vedette.http_server.rejections import RejectionLog
from vedette.settings.settings import DEFAULT_INTEGRATION

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_BODY_ANSWERS: Mapping[str, tuple[int, str]] = {
    "too_large": (413, "body too large"),
    "too_slow": (408, "body too slow"),
    "too_many_uploads": (500, "too many uploads"),
}


class WebhookEndpoint:
    """The endpoint for one delivery source."""

    def __init__(
        self,
        source: DeliverySource,
        ingest: Ingest,
        bodies: BodyReader,
        metrics: ReceiverMetrics,
        rejections: RejectionLog,
        reporter: ErrorReporter,
        *,
        linger: float,
    ) -> None:
        self._source = source
        self._ingest = ingest
        self._bodies = bodies
        self._metrics = metrics
        self._rejections = rejections
        self._reporter = reporter
        self._linger = linger
        self._no_such_path = ErrorResponse(404, "not found", linger=linger)
        self._unauthorized = ErrorResponse(401, "unauthorized", linger=linger)

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Handle a request."""
        began = time.perf_counter()
        integration: str = scope["path_params"].get("integration", DEFAULT_INTEGRATION)
        headers: dict[bytes, bytes] = dict(scope["headers"])
        rejection = self._check_head(integration, scope, headers)
        if rejection is None:
            try:
                body = self._bodies.read_buffered(scope)
                if body is None:
                    body = await self._bodies.read(scope, receive, headers.get(CONTENT_LENGTH))
            except BodyRejectedError as error:
                rejection = self._reject_body(error)
            else:
                await self._accept(integration, scope, headers, body, send)
                self._metrics.observe_accept(time.perf_counter() - began)
                return
        await rejection(scope, receive, send)

    def handle_buffered(self, request: BufferedRequest) -> bool:
        """Handle a request with a complete body without a task; return False for one that is not for this endpoint."""
        began = time.perf_counter()
        scope = request.scope
        integration: str = scope["path_params"]["integration"]
        headers: dict[bytes, bytes] = dict(scope["headers"])
        source = self._source
        if (
            request.size > self._bodies.limit
            or not source.has_credentials(headers)
            or not source.serves(integration, scope)
        ):
            return False
        verified = self._verify(integration, headers, scope["headers"], request.take_body())
        if verified is None:
            self._unauthorized.respond_to(request)
            return True
        received, identification = verified

        def on_accepted(result: IngestResult | BaseException) -> None:
            if isinstance(result, BaseException):
                self._fail(integration, identification, result).respond_to(request)
                return
            self._count(received, identification.resource, identification.quarantine, result)
            respond_stored(request, result.id, is_duplicate=result.is_duplicate)
            self._metrics.observe_accept(time.perf_counter() - began)

        self._ingest.submit(received, identification, on_accepted)
        return True

    def _check_head(self, integration: str, scope: "Scope", headers: Mapping[bytes, bytes]) -> "ASGIApp | None":
        if not self._source.serves(integration, scope):
            self._rejections.record("unknown_path")
            return self._no_such_path
        if not self._source.has_credentials(headers):
            self._rejections.record("no_signature", integration=integration)
            return self._unauthorized
        return None

    def _reject_body(self, error: BodyRejectedError) -> "ASGIApp":
        self._rejections.record(error.reason)
        if isinstance(error, BodyIncompleteError):
            return _send_nothing
        status, text = _BODY_ANSWERS[error.reason]
        # A slow sender has used up its time, and an evicted upload must not be read any further.
        ends = error.reason in {"too_slow", "too_many_uploads"}
        return ErrorResponse(status, text, linger=0.0 if ends else self._linger)

    async def _accept(
        self, integration: str, scope: "Scope", headers: Mapping[bytes, bytes], body: bytes, send: "Send"
    ) -> None:
        verified = self._verify(integration, headers, scope["headers"], body)
        if verified is None:
            await self._unauthorized.send_now(send)
            return
        received, identification = verified
        try:
            outcome = await self._ingest.accept(received, identification)
        except SpoolUnavailableError as error:
            await self._fail(integration, identification, error).send_now(send)
            return
        self._count(received, identification.resource, identification.quarantine, outcome)
        await send_stored(scope, send, outcome.id, is_duplicate=outcome.is_duplicate)

    def _verify(
        self, integration: str, headers: Mapping[bytes, bytes], header_lines: list[tuple[bytes, bytes]], body: bytes
    ) -> tuple[ReceivedRequest, Identification] | None:
        """Return a request from a verified sender; None, and record it, when the signature is wrong."""
        source = self._source
        secret = source.authenticate(integration, headers, body)
        if secret is None:
            self._rejections.record("wrong_signature", integration=integration)
            return None
        received = ReceivedRequest(
            integration,
            source.source,
            secret,
            source.timestamp(headers),
            header_lines,
            decode_header(headers.get(REQUEST_ID)),
            body,
            source.digest_body(headers, body),
        )
        sent_key = parse_idempotency_key(headers.get(IDEMPOTENCY_KEY))
        return received, identify(source.resource(headers), body, sent_key)

    def _fail(self, integration: str, identification: Identification, error: BaseException) -> ErrorResponse:
        """Record that a delivery could not be stored, and return the response."""
        if not isinstance(error, SpoolUnavailableError):
            structlog.stdlib.get_logger(__name__).error("a delivery could not be stored", exc_info=error)
            return ErrorResponse(500, "internal error")
        self._rejections.record(f"spool_{error.reason}", integration=integration, problem=error.detail)
        report = self._reporter.report(error, identifier(identification.project))
        return ErrorResponse(500, "not stored", headers=report)

    def _count(self, received: ReceivedRequest, resource: str, quarantine: str, outcome: IngestResult) -> None:
        metrics = self._metrics
        metrics.count_accepted(received.integration, resource, received.secret)
        if received.timestamp.isdecimal():
            metrics.age_seconds.observe(max(0.0, time.time() - int(received.timestamp)))
        if quarantine:
            metrics.count_quarantined(quarantine)
            log = structlog.stdlib.get_logger(__name__)
            log.warning(
                "delivery quarantined", delivery=outcome.id, integration=received.integration, reason=quarantine
            )
        if outcome.repeats:
            log = structlog.stdlib.get_logger(__name__)
            log.warning(
                "delivery accepted with the body of an earlier one: it may be a replay",
                delivery=outcome.id,
                integration=received.integration,
                before=outcome.repeats,
            )


async def _send_nothing(scope: "Scope", receive: "Receive", send: "Send") -> None:
    """End without a response: the sender has disconnected."""
