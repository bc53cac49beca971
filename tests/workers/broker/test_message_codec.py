"""Messages that msgspec writes are those that dramatiq writes, and each reads the other's."""

import inspect
import json
from typing import Any, cast

import dramatiq
import pytest
from dramatiq.errors import DecodeError
from dramatiq.message import Message, get_encoder

from tests.thread_queues import ThreadQueues
from workers.broker.message_codec import FastMessage

Plain = cast("Any", Message)


def made(*args: Any) -> Any:
    return Plain("q", "a", args, {"k": [1, {"é": None}]}, {"redis_message_id": "1"}, "id", 5)


@pytest.mark.parametrize(
    "value", [1, 2**70, -1.5, "text\u20ac", None, [True], {"a": {}}, "\ud83d", {1: 2}, {None: 1}, float("inf")]
)
def test_each_reads_what_the_other_wrote(value: Any) -> None:
    message = made(value)
    fast = FastMessage.from_message(message)
    if value != float("inf"):
        assert json.loads(fast.encode()) == json.loads(message.encode())
        assert Plain.decode(fast.encode()).args == Plain.decode(message.encode()).args
    assert FastMessage.decode(message.encode()).asdict() == Plain.decode(message.encode()).asdict()


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"\xff", b'{"queue_name":"q"}'])
def test_what_cannot_be_read_is_dramatiq_s_error(data: bytes) -> None:
    with pytest.raises(DecodeError):
        FastMessage.decode(data)


def test_the_broker_writes_and_reads_its_own_and_leaves_the_global_encoder_alone(broker: Any) -> None:
    before = get_encoder()
    sent = broker.enqueue(made(1))
    later = broker.enqueue(made(2), delay=60_000)
    assert type(sent) is type(later) is FastMessage
    broker.declare_queue("q")
    ((_, data),) = ThreadQueues(broker.client, broker.worker_id).fetch("q", 1)
    read = FastMessage.decode(data)
    assert (read.args, read.kwargs) == ((1,), {"k": [1, {"é": None}]})
    assert get_encoder() is before


def test_what_is_used_of_dramatiq_is_there() -> None:
    """On an upgrade, look whether messages are still written and read here alone, and copied in kind."""
    assert dramatiq.__version__.startswith("2.2.")
    source = inspect.getsource(Message)
    assert "return global_encoder.encode(self.asdict())" in source
    assert "fields = global_encoder.decode(data)" in source
    assert "return dataclasses.replace(self" in source
