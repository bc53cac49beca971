"""Sends webhooks as Sentry does: one attempt, one second, no redirect followed, no order promised.

That an internal integration's webhook is tried once and then lost is the fact the whole product rests on, so there is
no switch for retries here.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
import uuid
from typing import TYPE_CHECKING, Self

import httpx2
import structlog

from vedette.simulator.faults.faults import DEFAULT_SECONDS, Faults
from vedette.simulator.faults.integration_faults import configured, withholds
from vedette.simulator.webhooks.circuit_breaker import BLOCKED, CircuitBreaker
from vedette.simulator.webhooks.delivery_log import DeliveryLog, LoggedRequest

if TYPE_CHECKING:
    import ssl
    from types import TracebackType

    from vedette.simulator.webhooks.webhook import Webhook
    from vedette.simulator.world.integrations import Integration
    from vedette.simulator.world.world import World

TIMEOUT = 1.0
"""Seconds to connect, and again between received bytes."""
HARD_TIMEOUT = 5.0
"""Seconds after which Sentry aborts in any case; such attempts are not even logged."""

_SUBJECT_TYPES = {"error": "event", "event_alert": "event", "issue": "issue", "comment": "comment"}


def sign(secret: str, body: bytes) -> str:
    """Return the hex HMAC-SHA256 of the exact body under the client secret."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class WebhookSender:
    """The sender of a world's webhooks to its integrations; an async context manager.

    Args:
        world: the world; its webhooks are sent to the integrations that subscribe to them.
        faults: webhooks to lose, double, delay or forge.
        jitter: up to how many seconds a webhook waits before it is sent, so that order is not kept.
        verify: TLS settings for https receivers.
        hard_timeout: seconds after which a request is aborted in any case.
    """

    def __init__(
        self,
        world: World,
        *,
        faults: Faults | None = None,
        jitter: float = 0.005,
        verify: ssl.SSLContext | bool = True,
        hard_timeout: float = HARD_TIMEOUT,
    ) -> None:
        self.world = world
        self.faults = faults or Faults()
        self.jitter = jitter
        self.hard_timeout = hard_timeout
        self.logs: dict[str, DeliveryLog] = {}
        self.breakers: dict[str, CircuitBreaker] = {}
        self.sent = 0
        self._tasks: set[asyncio.Task[None]] = set()
        # A fresh connection for each request, as Sentry makes them.
        self._client = httpx2.AsyncClient(
            timeout=TIMEOUT,
            follow_redirects=False,
            verify=verify,
            trust_env=False,
            limits=httpx2.Limits(max_keepalive_connections=0),
        )
        self._log = structlog.get_logger("vedette.simulator")

    async def __aenter__(self) -> Self:
        self.world.listeners.append(self._hear)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.world.listeners.remove(self._hear)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._client.aclose()

    async def idle(self) -> None:
        """Wait until no webhook is in flight."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def log_of(self, slug: str) -> DeliveryLog:
        """Return an integration's delivery log."""
        return self.logs.setdefault(slug, DeliveryLog())

    def breaker_of(self, slug: str) -> CircuitBreaker:
        """Return an integration's circuit breaker."""
        return self.breakers.setdefault(slug, CircuitBreaker())

    def _hear(self, webhook: Webhook) -> None:
        if withholds(self.faults, webhook.resource, webhook.action):
            return
        for integration in [configured(one, self.faults) for one in self.world.integrations.values()]:
            if integration.subscribes(webhook.resource, webhook.action):
                task = asyncio.get_running_loop().create_task(self._deliver(webhook, integration))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _deliver(self, webhook: Webhook, integration: Integration) -> None:
        name = f"{webhook.resource}.{webhook.action}"
        fault = self.faults.take(name, webhook=True, draw=self.world.random.random())
        kind = fault.kind if fault else ""
        breaker = self.breaker_of(integration.slug)
        if fault and kind == "breaker":
            blocked = BLOCKED.total_seconds() if fault.seconds == DEFAULT_SECONDS else fault.seconds
            breaker.open(self.world.clock(), blocked)
        if kind == "webhook_lost" or breaker.is_open(self.world.clock()):
            return
        body = webhook.body(integration)
        late = fault.seconds if fault and kind == "webhook_late" else self.world.random.random() * self.jitter
        await asyncio.sleep(late)
        # The same for each attempt of one delivery to one integration.
        key = {"Idempotency-Key": uuid.uuid4().hex} if self.world.profile.idempotency_keys else {}
        for _ in range(2 if kind == "webhook_twice" else 1):
            headers = self._headers(webhook, integration, body) | key
            if kind == "webhook_forged":
                signature = headers["Sentry-Hook-Signature"]
                headers["Sentry-Hook-Signature"] = ("0" if signature[0] != "0" else "1") + signature[1:]
            await self._send(webhook, integration, body, headers)

    def _headers(self, webhook: Webhook, integration: Integration, body: bytes) -> dict[str, str]:
        return {
            **dict(integration.webhook_headers),
            "User-Agent": f"sentry/{self.world.profile.version} (https://sentry.io)",
            "Accept-Encoding": "gzip, deflate",
            "Accept": "*/*",
            "Connection": "keep-alive",
            "Content-Type": "application/json",
            "Request-ID": uuid.uuid4().hex,
            "Sentry-Hook-Resource": webhook.resource,
            "Sentry-Hook-Timestamp": str(int(self.world.clock().timestamp())),
            "Sentry-Hook-Signature": sign(integration.client_secret, body),
        }

    async def _send(self, webhook: Webhook, integration: Integration, body: bytes, headers: dict[str, str]) -> None:
        started = time.perf_counter()
        breaker = self.breaker_of(integration.slug)
        try:
            async with asyncio.timeout(self.hard_timeout):
                status, answer, answer_headers = await self._attempt(integration, body, headers)
            breaker.record(self.world.clock(), hard_timeout=False)
        except TimeoutError:
            # Sentry's log has no line for these: the receiver that dribbles its answer is not seen at all.
            breaker.record(self.world.clock(), hard_timeout=True)
            return
        finally:
            self.sent += 1
        masked = {name for name, _ in integration.webhook_headers}
        attempt = LoggedRequest(
            when=self.world.clock(),
            event_type=f"{webhook.resource}.{webhook.action}",
            status=status,
            url=integration.webhook_url or "",
            request_id=headers["Request-ID"],
            subject=webhook.subject,
            subject_type=_SUBJECT_TYPES.get(webhook.resource, webhook.resource),
            duration=time.perf_counter() - started,
            app=integration.slug,
            headers={name: "********" if name in masked else value for name, value in headers.items()},
            body=body.decode("ascii"),
            answer=answer,
            error_id=answer_headers.get("Sentry-Hook-Error"),
        )
        self.log_of(integration.slug).add(attempt)
        self._log.debug("webhook sent", event_type=attempt.event_type, subject=attempt.subject, status=status)

    async def _attempt(
        self, integration: Integration, body: bytes, headers: dict[str, str]
    ) -> tuple[int, str, httpx2.Headers]:
        """Return status, body and headers of the answer; 0 for a timeout and -1 for a failed connection."""
        try:
            answer = await self._client.post(integration.webhook_url or "", content=body, headers=headers)
        except httpx2.TimeoutException:
            return 0, "", httpx2.Headers()
        except (httpx2.TransportError, httpx2.InvalidURL) as error:
            return -1, str(error), httpx2.Headers()
        return answer.status_code, answer.text, answer.headers
