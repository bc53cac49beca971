"""dramatiq's messages, written without dramatiq, so that the door stays small and fast.

The layout is that of dramatiq 2.2 (`dramatiq.message.Message` and its `JSONEncoder`), which a test pins: a hash of
message id -> JSON, and a list of ids. A message carries ids only, never a body.
"""

from typing import Any

import msgspec

FAN_OUT_QUEUE = "fan_out"
RUN_QUEUE = "run"


class QueueMessage(msgspec.Struct):
    """One message as dramatiq reads it."""

    queue_name: str
    actor_name: str
    args: tuple[str, ...]
    kwargs: dict[str, Any]
    options: dict[str, Any]
    message_id: str
    message_timestamp: int


_encoder = msgspec.json.Encoder()


def fan_out_message(delivery: str, milliseconds: int) -> bytes:
    """Encode the message that hands an accepted delivery to the workers; its id is the delivery's."""
    return _message(FAN_OUT_QUEUE, delivery, (delivery,), milliseconds)


def run_message(delivery: str, handler: str, milliseconds: int) -> bytes:
    """Encode the message that asks for one handler's run on a delivery."""
    return _message(RUN_QUEUE, f"{delivery}:{handler}", (delivery, handler), milliseconds)


def _message(queue: str, identifier: str, arguments: tuple[str, ...], milliseconds: int) -> bytes:
    return _encoder.encode(
        QueueMessage(
            queue_name=queue,
            actor_name=queue,
            args=arguments,
            kwargs={},
            options={"redis_message_id": identifier},
            message_id=identifier,
            message_timestamp=milliseconds,
        )
    )
