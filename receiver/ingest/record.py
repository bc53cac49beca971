"""The record of one delivery as it travels: to Redis, and to the spool when Redis is away.

Both carry the same record under the same id, so that a delivery which reached both is recognised as one.
"""

import struct

import msgspec

from vedette.store.deliveries.stored_record import StoredRecord


class IncomingDelivery(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One delivery, ready to be stored."""

    facts: StoredRecord
    body: bytes
    """The body as it is stored."""


_encode = msgspec.msgpack.Encoder().encode
_PAIR = b"\x92"
"""MessagePack's array of two."""
_BYTES = struct.Struct(">BI")
_BYTES_MARK = 0xC6


def encode_record(delivery: IncomingDelivery) -> tuple[bytes, bytes]:
    """Return the record in two pieces, of which the second is the body itself: copying it would be a waste."""
    body = delivery.body
    return b"".join((_PAIR, _encode(delivery.facts), _BYTES.pack(_BYTES_MARK, len(body)))), body


decode_record = msgspec.msgpack.Decoder(IncomingDelivery).decode
