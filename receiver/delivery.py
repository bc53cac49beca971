"""The record of one delivery as it travels: to Redis, and to the spool when Redis is away.

Both carry the same record under the same id, so that a delivery which reached both is recognised as one.
"""

import msgspec

from vedette.store.facts import Facts


class Delivery(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One delivery, ready to be stored."""

    facts: Facts
    body: bytes
    """The body as it is stored."""


encode_record = msgspec.msgpack.Encoder().encode
decode_record = msgspec.msgpack.Decoder(Delivery).decode
