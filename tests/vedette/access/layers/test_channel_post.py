from typing import Any

import pytest

from vedette import Message
from vedette.access.layers.channel_post import ChannelCheckLayer, ChannelPostLayer
from vedette.access.message_calls import call_of_message
from vedette.notify import Channels, UnknownChannelError
from vedette.notify.channels import Posted


class Channel:
    def __init__(self) -> None:
        self.posts: list[tuple[str, str]] = []
        self.identifiers: set[str] = set()

    def get(self, name: str) -> "Channel":
        assert name == "ops"
        return self

    async def post(self, message: Message, *, identifier: str, after: str) -> Posted:
        self.posts.append((message.headline, after))
        self.identifiers.add(identifier)
        return Posted(201, after or "17.1")


def message(prepare: Any, title: str, thread: str = "") -> Any:
    call = call_of_message("ops", Message(title, thread=thread))
    return prepare(call={"operation": call.operation, "parameters": call.parameters, "body": call.body})


async def test_a_later_message_of_a_thread_names_the_first(prepare: Any, services: Any) -> None:
    channel = Channel()
    channels: Any = channel
    layer = ChannelPostLayer(channels, services.sent_messages)
    for title in ("critical", "over"):
        assert (await layer.send(message(prepare, title, "alert:7"))).status == 201
    assert channel.posts == [("critical", ""), ("over", "17.1")]
    assert len(channel.identifiers) == 2


async def test_a_check_sends_nothing_and_knows_the_channels(prepare: Any) -> None:
    known: Any = Channel()
    assert not (await ChannelCheckLayer(known).send(message(prepare, "it broke"))).sent
    with pytest.raises(UnknownChannelError):
        await ChannelCheckLayer(Channels()).send(message(prepare, "it broke"))
