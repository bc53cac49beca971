"""The record of one delivery as it travels: to Redis, and to the spool when Redis is away.

Both carry the same record under the same id, so that a delivery which reached both is recognised as one.
"""

import msgspec

from vedette.store.facts import Facts, encode_facts
from vedette.store.messages import fan_out_message


class Delivery(msgspec.Struct, array_like=True, frozen=True):
    """One delivery, ready to be stored."""

    facts: Facts
    body: bytes
    """The body as it is stored."""


encode_record = msgspec.msgpack.Encoder().encode
decode_record = msgspec.msgpack.Decoder(Delivery).decode


def script_arguments(delivery: Delivery) -> tuple[bytes, bytes, bytes]:
    """Return what `accept.lua` takes for one delivery: the facts, the body, and the message for the workers."""
    facts = delivery.facts
    message = b"" if facts.state == "quarantined" else fan_out_message(facts.id, facts.accepted)
    return encode_facts(facts), delivery.body, message
