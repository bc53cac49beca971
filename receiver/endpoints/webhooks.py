"""The endpoint that takes deliveries: bounded read, proof, storage, answer, in that order.

A plain ASGI application, since Starlette's request and response objects would cost a third of its rate.
"""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

import structlog

from receiver.endpoints.responses import ErrorResponse, send_stored
from receiver.ingest.body_reader import BodyBrokenOffError, BodyReader, BodyRefusedError
from receiver.ingest.identification import identify
from receiver.ingest.ingest import Ingest, IngestResult, ReceivedRequest
from receiver.observability.error_reporting import ErrorReporter
from receiver.observability.receiver_metrics import Metrics
from receiver.observability.rejections import RejectionLog
from receiver.spool.writer import SpoolRefusedError
from receiver.verification.headers import CONTENT_LENGTH, IDEMPOTENCY_KEY, REQUEST_ID, sent_key_of, text_of
from receiver.verification.sources import DeliverySource
from vedette.events.identifiers import identifier
from vedette.settings.settings import DEFAULT_INTEGRATION

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_BODY_ANSWERS: Mapping[str, tuple[int, str]] = {
    "too_large": (413, "body too large"),
    "too_slow": (408, "body too slow"),
    "too_many_uploads": (500, "too many uploads"),
}


class WebhookEndpoint:
    """Takes deliveries through one entrance."""

    def __init__(
        self,
        entrance: DeliverySource,
        intake: Ingest,
        bodies: BodyReader,
        metrics: Metrics,
        refusals: RejectionLog,
        reporter: ErrorReporter,
        *,
        linger: float,
    ) -> None:
        self._entrance = entrance
        self._intake = intake
        self._bodies = bodies
        self._metrics = metrics
        self._refusals = refusals
        self._reporter = reporter
        self._linger = linger
        self._no_such_path = ErrorResponse(404, "not found", linger=linger)
        self._unauthorized = ErrorResponse(401, "unauthorized", linger=linger)

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer one request."""
        began = time.perf_counter()
        integration: str = scope["path_params"].get("integration", DEFAULT_INTEGRATION)
        headers: dict[bytes, bytes] = dict(scope["headers"])
        refusal = self._before_reading(integration, scope, headers)
        if refusal is None:
            try:
                body = self._bodies.read_at_once(scope)
                if body is None:
                    body = await self._bodies.read(scope, receive, headers.get(CONTENT_LENGTH))
            except BodyRefusedError as error:
                refusal = self._unread(error)
            else:
                await self._take(integration, scope, headers, body, send)
                self._metrics.accept_seconds.observe(time.perf_counter() - began)
                return
        await refusal(scope, receive, send)

    def _before_reading(self, integration: str, scope: "Scope", headers: Mapping[bytes, bytes]) -> "ASGIApp | None":
        if not self._entrance.is_there(integration, scope):
            self._refusals.note("unknown_path")
            return self._no_such_path
        if not self._entrance.may_knock(headers):
            self._refusals.note("no_signature", integration=integration)
            return self._unauthorized
        return None

    def _unread(self, error: BodyRefusedError) -> "ASGIApp":
        self._refusals.note(error.reason)
        if isinstance(error, BodyBrokenOffError):
            return _say_nothing
        status, text = _BODY_ANSWERS[error.reason]
        # Whoever was slow has had its time, and whoever had to make room must not be read any further.
        ends = error.reason in {"too_slow", "too_many_uploads"}
        return ErrorResponse(status, text, linger=0.0 if ends else self._linger)

    async def _take(
        self, integration: str, scope: "Scope", headers: Mapping[bytes, bytes], body: bytes, send: "Send"
    ) -> None:
        entrance = self._entrance
        secret = entrance.match(integration, headers, body)
        if secret is None:
            self._refusals.note("wrong_signature", integration=integration)
            await self._unauthorized.send_now(send)
            return
        known = identify(entrance.resource(headers), body, sent_key_of(headers.get(IDEMPOTENCY_KEY)))
        received = ReceivedRequest(
            integration=integration,
            source=entrance.source,
            secret=secret,
            sent=entrance.sent(headers),
            request_id=text_of(headers.get(REQUEST_ID)),
            headers=scope["headers"],
            body=body,
            proof=entrance.proof(headers, body),
        )
        try:
            outcome = await self._intake.accept(received, known)
        except SpoolRefusedError as error:
            self._refusals.note(f"spool_{error.reason}", integration=integration, problem=error.detail)
            report = self._reporter.report(error, identifier(known.project))
            await ErrorResponse(500, "not stored", headers=report).send_now(send)
            return
        self._count(received, known.resource, known.quarantine, outcome)
        await send_stored(scope, send, outcome.id, is_duplicate=outcome.is_duplicate)

    def _count(self, received: ReceivedRequest, resource: str, quarantine: str, outcome: IngestResult) -> None:
        metrics = self._metrics
        metrics.accepted(received.integration, resource, received.secret)
        if received.sent.isdecimal():
            metrics.age_seconds.observe(max(0.0, time.time() - int(received.sent)))
        if quarantine:
            metrics.quarantined(quarantine)
            log = structlog.stdlib.get_logger(__name__)
            log.warning(
                "delivery quarantined", delivery=outcome.id, integration=received.integration, reason=quarantine
            )
        if outcome.repeats:
            log = structlog.stdlib.get_logger(__name__)
            log.warning(
                "delivery accepted whose body came before: it may be a replay",
                delivery=outcome.id,
                integration=received.integration,
                before=outcome.repeats,
            )


async def _say_nothing(scope: "Scope", receive: "Receive", send: "Send") -> None:
    """End without an answer: the sender is gone."""
