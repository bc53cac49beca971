"""dramatiq's messages, written without dramatiq, so that the receiver stays small and fast.

The layout is that of dramatiq 2.2 (`dramatiq.message.Message` and its `JSONEncoder`), which a test pins: a hash of
message id -> JSON, and a list of ids. A message carries ids only, never a body. Runs are asked for by the scripts that
decide when (`runs/_shared.lua`).
"""

from collections.abc import Sequence
from typing import Any

import msgspec

FAN_OUT_QUEUE = "fan_out"
RUN_QUEUE = "run"
CRON_ACTOR = "cron"


class QueueMessage(msgspec.Struct):
    """One message as dramatiq reads it."""

    queue_name: str
    actor_name: str
    args: tuple[str | int, ...]
    kwargs: dict[str, Any]
    options: dict[str, Any]
    message_id: str
    message_timestamp: int


_encoder = msgspec.json.Encoder()


def fan_out_message(delivery: str, milliseconds: int, *, turn: int = 1) -> bytes:
    """Encode the message that hands an accepted delivery to the workers.

    Args:
        delivery: The delivery's id, which is the message's too.
        milliseconds: Unix time.
        turn: From the second on it is part of the message's id, so that one message never takes another's place.
    """
    identifier = fan_out_id(delivery, turn)
    return _encoder.encode(
        QueueMessage(
            queue_name=FAN_OUT_QUEUE,
            actor_name=FAN_OUT_QUEUE,
            args=(delivery,) if turn == 1 else (delivery, turn),
            kwargs={},
            options={"redis_message_id": identifier},
            message_id=identifier,
            message_timestamp=milliseconds,
        )
    )


def cron_message(job: Sequence[str], name: str, due: int) -> bytes:
    """Encode the message that fires a cron job.

    Args:
        job: Handler, integration, cron expression and timezone.
        name: The job in one text.
        due: Unix time in milliseconds.
    """
    identifier = cron_message_id(name, due)
    return _encoder.encode(
        QueueMessage(
            queue_name=FAN_OUT_QUEUE,
            actor_name=CRON_ACTOR,
            args=(*job, due),
            kwargs={},
            options={"redis_message_id": identifier},
            message_id=identifier,
            message_timestamp=due,
        )
    )


def cron_message_id(job: str, due: int) -> str:
    """Return the id of the message that fires a cron job."""
    return f"{CRON_ACTOR}:{job}:{due}"


def fan_out_id(delivery: str, turn: int) -> str:
    """Return the id of the message that asks for the n-th time to decide a delivery."""
    return delivery if turn == 1 else f"{delivery}:{turn}"


def run_id(delivery: str, handler: str, generation: int) -> str:
    """Return the id of the message that asks for a run; `runs/_shared.lua` writes those."""
    return f"{delivery}:{handler}:{generation}"
