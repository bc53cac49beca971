"""Encodes the record of a delivery for Redis and for the spool.

Both store the same record under the same id, so that a delivery which reached both is recognised as one.
"""

import struct

import msgspec

from vedette.store.deliveries.stored_record import StoredRecord


class IncomingDelivery(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A delivery that is about to be stored."""

    record: StoredRecord
    body: bytes
    """The encoded body."""


_encode = msgspec.msgpack.Encoder().encode
_PAIR = b"\x92"
"""MessagePack's array of two."""
_BYTES = struct.Struct(">BI")
_BYTES_MARK = 0xC6


def encode_record(delivery: IncomingDelivery) -> tuple[bytes, bytes]:
    """Return the record in two pieces; the second is the body, which is not copied."""
    body = delivery.body
    return b"".join((_PAIR, _encode(delivery.record), _BYTES.pack(_BYTES_MARK, len(body)))), body


decode_record = msgspec.msgpack.Decoder(IncomingDelivery).decode
