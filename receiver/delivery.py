"""The record of one delivery as it travels: to Redis, and to the spool when Redis is away.

Both carry the same record under the same id, so that a delivery which reached both is recognised as one.
"""

from typing import Literal

import msgspec

from vedette.store.messages import fan_out_message

State = Literal["accepted", "quarantined"]
Source = Literal["webhook", "service_hook", "legacy"]


class Facts(msgspec.Struct, array_like=True, frozen=True):
    """What is known of one delivery.

    The order of the fields is the format of the spool and of `accept.lua`: add new ones at the end. Text only, since
    the decoder that scripts have knows no bytes.
    """

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
    headers: str
    """The headers that may be kept, as a JSON object."""
    size: int
    """Bytes of the body as it came."""
    encoding: Literal["", "zstd"]
    state: State
    reason: str
    """Why it is quarantined; empty when it is not."""
    secret: str
    """Which secret matched: its fingerprint."""


class Delivery(msgspec.Struct, array_like=True, frozen=True):
    """One delivery, ready to be stored."""

    facts: Facts
    body: bytes
    """The body as it is stored."""


_encode_facts = msgspec.msgpack.Encoder().encode
encode_record = msgspec.msgpack.Encoder().encode
decode_record = msgspec.msgpack.Decoder(Delivery).decode


def script_arguments(delivery: Delivery) -> tuple[bytes, bytes, bytes]:
    """Return what `accept.lua` takes for one delivery: the facts, the body, and the message for the workers."""
    facts = delivery.facts
    message = b"" if facts.state == "quarantined" else fan_out_message(facts.id, facts.accepted)
    return _encode_facts(facts), delivery.body, message
