"""dramatiq's message, written and read by msgspec: the same JSON, so either reads what the other wrote.

dramatiq's own extension point, `set_encoder`, is global: it would change how messages of an author's other brokers are
written. A message of this class carries its encoding with it instead. What msgspec refuses (text that is not Unicode,
keys that are no text) and what another encoder wrote go dramatiq's own way; the one difference is NaN, which is no JSON
and becomes null.
"""

from typing import Any, cast

import msgspec
from dramatiq.message import Message

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class FastMessage(Message[Any]):
    """A message of Vedette's queues."""

    @classmethod
    def of(cls, message: "Message[Any]") -> "FastMessage":
        """Return any message as one of these."""
        return message if isinstance(message, cls) else cls(**message.asdict())

    def encode(self) -> bytes:
        """Return the message as it is queued."""
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
            return cls.of(cast("Any", super()).decode(data))
