"""Leaves out messages that an earlier attempt has sent, and those that follow a message which was never sent."""

from dataclasses import dataclass
from http import HTTPStatus

from vedette.access.call_recorder import CallRecorder
from vedette.access.message_calls import channel_of_call, message_id, message_of_call
from vedette.access.prepared_call import Layer, PreparedCall
from vedette.api.call import Answer
from vedette.notify.channels import Channels
from vedette.store.access.sent_messages import SentMessages


@dataclass(frozen=True, slots=True)
class MessageDeduplicationLayer:
    """The layer by which a message reaches its channel once per delivery."""

    inner: Layer
    recorder: CallRecorder
    channels: Channels
    sent_messages: SentMessages

    async def send(self, call: PreparedCall) -> Answer:
        """Pass on a message that is to be sent; one that was sent is answered with status 208.

        Raises:
            UnknownChannelError: The settings have no such channel.
        """
        channel, message, identifier = channel_of_call(call.call), message_of_call(call.call), message_id(call)
        self.channels.get(channel)
        if await self.sent_messages.has(identifier):
            call.context.note(f"did not repeat: {self.recorder.describe(call)}")
            return Answer(HTTPStatus.ALREADY_REPORTED, sent=False)
        if message.follows and await self.sent_messages.reference(channel, message.thread) is None:
            call.context.note(f"sent no message, since none was sent before it: {message.headline}")
            return self.recorder.answer_held_back()
        answer = await self.inner.send(call)
        if answer.sent:
            await self.sent_messages.note(identifier)
        return answer
