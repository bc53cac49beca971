"""Requests that the receivers refused, and the deliveries that they keep and no handler sees, with the likely cause."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from vedette.admin.session import AdminSession
from vedette.store.receivers.receiver_status import ReceiverStatus, ReceiverStatuses

HINTS: Final[Mapping[str, str]] = {
    "wrong_signature": (
        "the client secret here is not the integration's: if it was rotated, set both, separated by a comma"
    ),
    "no_signature": "the sender does not sign: Sentry does, so that this is another program",
    "unsigned": "the sender does not sign: Sentry does, so that this is another program",
    "unknown_integration": "the path of the Webhook URL in Sentry names an integration that the settings lack",
    "too_large": "the body is larger than receiver.body_limit",
    "too_slow": "the sender took longer than receiver.upload_timeout",
    "not_stored": "neither Redis nor the spool took it: look at `vedette status`",
}
"""Reason -> the likely cause, and what to do."""


@dataclass(frozen=True)
class RefusedRequests:
    """The requests of one reason and integration, of all receivers of the last day together."""

    reason: str
    integration: str
    """Empty where the request named none that is known."""
    count: int
    last: int
    """When the latest was refused, Unix time in milliseconds; 0 if that is not known."""
    hint: str
    """The likely cause; empty where there is nothing to add."""
    is_kept: bool = False
    """Whether they were stored, for people to look at, and answered as accepted."""


async def list_refused(session: AdminSession) -> list[RefusedRequests]:
    """Return the refused requests and the quarantined deliveries, the latest first.

    Raises:
        redis.exceptions.RedisError: The server gives no answer.
    """
    receivers = await ReceiverStatuses(session.redis).all()
    found = [*_refused(receivers), *_quarantined(receivers)]
    return sorted(found, key=lambda one: (one.last, one.count), reverse=True)


def _refused(receivers: Iterable[ReceiverStatus]) -> Iterable[RefusedRequests]:
    totals: dict[tuple[str, str], tuple[int, int]] = {}
    for receiver in receivers:
        for one in receiver.rejected:
            count, last = totals.get((one.reason, one.integration), (0, 0))
            totals[one.reason, one.integration] = count + one.count, max(last, one.last)
    for (reason, integration), (count, last) in totals.items():
        yield RefusedRequests(reason, integration, count, last, HINTS.get(reason, ""))


def _quarantined(receivers: Iterable[ReceiverStatus]) -> Iterable[RefusedRequests]:
    totals: dict[str, int] = {}
    for receiver in receivers:
        for reason, count in receiver.quarantined.items():
            totals[reason] = totals.get(reason, 0) + count
    for reason, count in totals.items():
        hint = "signed, and kept without a handler: `vedette deliveries` shows them as quarantined"
        yield RefusedRequests(reason, "", count, 0, hint, is_kept=True)
