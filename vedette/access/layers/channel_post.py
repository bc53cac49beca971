"""Posts a message to its channel."""

from dataclasses import dataclass

from vedette.access.message_calls import channel_of_call, message_id, message_of_call
from vedette.access.prepared_call import PreparedCall
from vedette.api.call import Answer
from vedette.notify.channels import Channels
from vedette.store.access.sent_messages import SentMessages


@dataclass(frozen=True, slots=True)
class ChannelPostLayer:
    """The end of the chain for messages."""

    channels: Channels
    sent_messages: SentMessages

    async def send(self, call: PreparedCall) -> Answer:
        """Post the message, into its thread if it has one.

        Raises:
            NotificationError: The service refused it or failed.
        """
        name, message = channel_of_call(call.call), message_of_call(call.call)
        reference = await self.sent_messages.reference(name, message.thread)
        channel = self.channels.get(name)
        posted = await channel.post(message, identifier=message_id(call), after=reference or "")
        if reference is None:
            await self.sent_messages.begin(name, message.thread, posted.reference)
        return Answer(posted.status)


@dataclass(frozen=True, slots=True)
class ChannelCheckLayer:
    """The end of the chain for a message that is only checked, as before it is kept for a digest."""

    channels: Channels

    async def send(self, call: PreparedCall) -> Answer:
        """Answer without sending.

        Raises:
            UnknownChannelError: The settings have no such channel.
        """
        self.channels.get(channel_of_call(call.call))
        return Answer(202, sent=False)
