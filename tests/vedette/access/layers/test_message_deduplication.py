from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from vedette import Message
from vedette.access.layers.message_deduplication import MessageDeduplicationLayer
from vedette.access.message_calls import call_of_message
from vedette.access.prepared_call import PreparedCall
from vedette.api import Answer
from vedette.notify import Channels, UnknownChannelError


@pytest.fixture
def message(prepare: Any) -> Callable[..., PreparedCall]:
    def make(message: Message, channel: str = "ops", **context: Any) -> PreparedCall:
        call = call_of_message(channel, message)
        sent = {"operation": call.operation, "parameters": call.parameters, "body": call.body}
        return prepare(call=sent, context=context)

    return make


@pytest.fixture
def layer(end: Any, recorder: Any, services: Any) -> MessageDeduplicationLayer:
    channels: Any = SimpleNamespace(get=str)
    return MessageDeduplicationLayer(end, recorder, channels, services.sent_messages)


async def test_a_message_is_sent_once_per_delivery(layer: Any, message: Any, end: Any, notes: Any) -> None:
    answers = [await layer.send(message(Message("it broke"), delivery=delivery)) for delivery in ("d1", "d1", "d2")]
    assert [answer.sent for answer in answers] == [True, False, True]
    assert (answers[1].status, len(end.calls)) == (208, 2)
    assert notes == ["did not repeat: notified ops: it broke"]


async def test_a_message_that_was_held_back_is_sent_later(layer: Any, message: Any, end: Any) -> None:
    end.answer = Answer(200, sent=False)
    for _ in range(2):
        assert not (await layer.send(message(Message("it broke")))).sent
    assert len(end.calls) == 2


async def test_a_message_that_follows_another_is_sent_only_after_it(
    layer: Any, message: Any, end: Any, ledger: Any
) -> None:
    over = Message("it is over", thread="alert:7", follows=True)
    assert not (await layer.send(message(over))).sent
    assert end.calls == []
    ledger.threads["ops alert:7"] = "17.1"
    assert (await layer.send(message(over))).sent


async def test_a_channel_that_the_settings_do_not_have_is_an_error(
    end: Any, recorder: Any, services: Any, message: Any
) -> None:
    layer = MessageDeduplicationLayer(end, recorder, Channels(), services.sent_messages)
    with pytest.raises(UnknownChannelError):
        await layer.send(message(Message("it broke")))
