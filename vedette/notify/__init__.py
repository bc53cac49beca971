"""Messages for people: to Slack, to Microsoft Teams, or to any address that takes JSON.

A `Channel` posts a `Message` where an operator said. Handlers do not hold channels: they call `notify`, which passes
their grant, their mode and the audit first (`vedette.access.notifier`).
"""

from vedette.notify.channel_name import ChannelName
from vedette.notify.channels import Channel, Channels, Posted, channel_of
from vedette.notify.errors import NotificationError, NotificationFailed, NotificationRefused, UnknownChannelError
from vedette.notify.message import Colour, Message

__all__ = [
    "Channel",
    "ChannelName",
    "Channels",
    "Colour",
    "Message",
    "NotificationError",
    "NotificationFailed",
    "NotificationRefused",
    "Posted",
    "UnknownChannelError",
    "channel_of",
]
