"""The record of one delivery as it travels: to Redis, and to the spool when Redis is away.

Both carry the same record under the same id, so that a delivery which reached both is recognised as one.
"""

from typing import Literal

import msgspec

from vedette.store.messages import fan_out_message

State = Literal["accepted", "quarantined"]
Source = Literal["webhook", "service_hook", "legacy"]


class Delivery(msgspec.Struct, array_like=True, frozen=True):
    """One delivery, ready to be stored. The order of its fields is the spool's format: add new ones at the end."""

    id: str
    key: str
    """What a repetition of this delivery would come with; empty when it cannot be recognised."""
    window: int
    """How long a repetition is recognised, in milliseconds."""
    integration: str
    source: Source
    resource: str
    action: str
    subject: str
    issue: str
    accepted: int
    """Unix time in milliseconds."""
    sent: str
    """Sentry's own stamp in seconds, unsigned, as it came; empty when there was none."""
    request_id: str
    headers: bytes
    size: int
    """Bytes of the body as it came."""
    encoding: Literal["", "zstd"]
    body: bytes
    """The body as it is stored."""
    state: State
    reason: str
    """Why it is quarantined; empty when it is not."""
    secret: str
    """Which secret matched: its fingerprint."""


def script_arguments(delivery: Delivery) -> tuple[bytes, ...]:
    """Return the arguments that `accept.lua` takes for one delivery, in its order."""
    accepted = delivery.accepted
    message = b"" if delivery.state == "quarantined" else fan_out_message(delivery.id, accepted)
    return (
        delivery.id.encode(),
        _bytes(delivery.key),
        b"%d" % delivery.window,
        message,
        delivery.integration.encode(),
        delivery.source.encode(),
        _bytes(delivery.resource),
        _bytes(delivery.action),
        _bytes(delivery.subject),
        _bytes(delivery.issue),
        b"%d" % accepted,
        delivery.sent.encode(),
        delivery.request_id.encode(),
        delivery.headers,
        b"%d" % delivery.size,
        delivery.encoding.encode(),
        delivery.body,
        delivery.state.encode(),
        delivery.reason.encode(),
        delivery.secret.encode(),
    )


def _bytes(text: str) -> bytes:
    # Text out of a body may hold half a surrogate pair, which has no UTF-8 of its own.
    return text.encode("utf-8", "replace")
