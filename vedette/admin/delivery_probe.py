"""Proves on demand that webhooks arrive: writes a comment on an issue, waits for its webhook, and deletes it again.

Sentry mails the subscribers of the issue, so this is never done unasked. All writes pass the gate and are audited. To
delete a comment Sentry wants `event:admin`; with a token that lacks it the comment is changed, to say it was a test.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from vedette.access.context import CallContext, IntegrationConnection
from vedette.access.gate import Gate, GateBuilder, sealed
from vedette.admin.connections import open_sentry, policy_services
from vedette.admin.session import AdminSession
from vedette.api import Sentry
from vedette.api.errors import NotFound, SentryError
from vedette.checks.findings import Finding
from vedette.permissions.authorization import Access
from vedette.permissions.grants import Grant
from vedette.permissions.principal import Principal
from vedette.store.deliveries.deliveries import Deliveries

PATIENCE: Final = 30.0
"""Seconds to wait for each webhook."""
_POLL: Final = 0.25
_NEWEST: Final = 200
_SCOPES: Final = ("event:read", "event:write", "event:admin")
_TEXT: Final = "Vedette checks whether its webhooks arrive."
_DONE: Final = "Vedette has checked whether its webhooks arrive; this comment can be deleted."


async def probe_deliveries(
    session: AdminSession, integration: str, issue: str, *, patience: float = PATIENCE
) -> Finding:
    """Write and delete a comment, and return whether the webhooks of both arrived.

    Args:
        session: The caller, as the audit names it for the writes.
        integration: The integration that provides the token.
        issue: The id or short id of an issue.
        patience: Seconds to wait for each webhook.

    Raises:
        redis.exceptions.RedisError: Redis gives no answer.
    """
    async with open_sentry(session, integration) as connection:
        held = await connection.token.get()
        probe = _Probe(session, _client(session, connection), can_delete=held is None or "event:admin" in held)
        try:
            return await probe.run(integration, issue, patience)
        except SentryError as error:
            step = "Give an issue that the token may see, such as `--probe SHOP-1`"
            mend = (step if isinstance(error, NotFound) else error.advice,)
            return Finding("probe", "unknown", error.happened, mend, integration=integration, cause="probe_refused")


@dataclass(frozen=True)
class _Probe:
    session: AdminSession
    sentry: Sentry
    can_delete: bool

    async def run(self, integration: str, issue: str, patience: float) -> Finding:
        found = await self.sentry.issues.get(issue)
        label, began, known = found.short_id or found.id, _now(), await self._arrived(found.id, "created")
        await self.sentry.issues.comment(found, f"{_TEXT} ({began})")
        created = await self._wait(found.id, "created", began, known, patience)
        ending, ended = "deleted" if self.can_delete else "updated", None
        comment = await self._find(found.id, str(began))
        if comment is not None:
            since, known = _now(), await self._arrived(found.id, ending)
            if self.can_delete:
                await self.sentry.issues.delete_comment(found.id, comment)
            else:
                await self.sentry.issues.edit_comment(found.id, comment, _DONE)
            ended = await self._wait(found.id, ending, since, known, patience)
        return _judge(integration, label, {"comment.created": created, f"comment.{ending}": ended})

    async def _find(self, issue: str, mark: str) -> str | None:
        async for comment in self.sentry.issues.comments(issue):
            if mark in str(comment.model_dump()):
                return comment.id
        return None

    async def _wait(
        self, issue: str, action: str, began: int, known: Mapping[str, int], patience: float
    ) -> float | None:
        """Return the seconds until another webhook than the known ones was accepted; None if it does not come."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            new = [at for name, at in (await self._arrived(issue, action)).items() if name not in known]
            if new:
                return max(0.0, (min(new) - began) / 1000)
            await asyncio.sleep(_POLL)
        return None

    async def _arrived(self, issue: str, action: str) -> dict[str, int]:
        """Return delivery -> when it was accepted, of the newest deliveries about comments on the issue."""
        newest = await Deliveries(self.session.redis).latest(limit=_NEWEST)
        wanted = ("comment", action, issue)
        return {one.id: one.accepted for one in newest if (one.resource, one.action, one.issue) == wanted}


def _client(session: AdminSession, connection: IntegrationConnection) -> Sentry:
    access = Access(Principal("person", session.by), _SCOPES, Grant(_SCOPES))
    context = CallContext(access, "vedette doctor", "act", order=f"doctor's probe for {session.by}")
    chain = GateBuilder(policy_services(session), connection).sentry_chain()
    return Sentry(organization=connection.organization, transport=sealed(Gate(chain, context)))


def _judge(integration: str, label: str, seconds: Mapping[str, float | None]) -> Finding:
    missing = [event for event, took in seconds.items() if took is None]
    if missing:
        return Finding(
            "probe",
            "broken",
            f"a comment was written on {label}, and {' and '.join(missing)} did not arrive",
            ("Tick comment under Webhooks in the integration, if it is not; else follow what the checks above say",),
            integration=integration,
            cause="probe_lost",
        )
    times = " and ".join(f"{event} after {took:.1f} s" for event, took in seconds.items())
    return Finding("probe", "ok", f"a comment was written on {label}, and {times} arrived", integration=integration)


def _now() -> int:
    return round(time.time() * 1000)
