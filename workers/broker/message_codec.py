"""Encodes and decodes dramatiq's messages with msgspec, as the same JSON that dramatiq's encoder writes.

dramatiq's own extension point, `set_encoder`, is global: it would change the messages of an author's other brokers. A
message of this class carries its encoding with it instead. For values that msgspec refuses (text that is not Unicode,
keys that are not text) and for messages of another encoder, dramatiq's encoder is used. The one difference is NaN,
which is not JSON and becomes null.
"""

from typing import Any, cast

import msgspec
from dramatiq.message import Message

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class FastMessage(Message[Any]):
    """A message of Vedette's queues."""

    @classmethod
    def from_message(cls, message: "Message[Any]") -> "FastMessage":
        """Return any message as one of these."""
        return message if isinstance(message, cls) else cls(**message.asdict())

    def encode(self) -> bytes:
        """Return the encoded message."""
        try:
            return _encode(self.asdict())
        except (TypeError, ValueError, OverflowError):
            return super().encode()

    @classmethod
    def decode(cls, data: bytes) -> "FastMessage":
        """Read a message.

        Raises:
            DecodeError: Neither msgspec nor dramatiq's encoder can read it.
        """
        try:
            return cls(**_decode(data))
        except (msgspec.MsgspecError, TypeError, UnicodeDecodeError):
            return cls.from_message(cast("Any", super()).decode(data))
