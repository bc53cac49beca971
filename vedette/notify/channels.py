"""Channels, made from their settings, and the HTTP client that they share."""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

import httpx2
from pydantic import SecretStr

from vedette._core.json_values import json_object
from vedette.notify import slack, teams, webhook
from vedette.notify.errors import NotificationFailed, NotificationRefused, UnknownChannelError
from vedette.notify.http_post import HttpPost, HttpReply, detail_of, make_client, post, to_bytes, wait_of
from vedette.notify.message import Message
from vedette.settings.channels import SECRETS, ChannelSettings

_REFERENCE: Final = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,20})?", re.ASCII)


@dataclass(frozen=True)
class Posted:
    """A message that a service has accepted."""

    status: int
    reference: str = ""
    """The thread for later messages; empty for services without threads."""


class Channel(Protocol):
    """A destination of messages."""

    @property
    def name(self) -> str:
        """Its name in the settings."""
        ...

    async def post(self, message: Message, *, identifier: str = "", after: str = "") -> Posted:
        """Post a message.

        Args:
            message: The message.
            identifier: The same for repetitions of one message.
            after: The reference of the message that began the thread.

        Raises:
            NotificationRefused: the service rejected it.
            NotificationFailed: the service may accept it later.
        """
        ...


@dataclass(frozen=True)
class HttpChannel:
    """A channel of any kind; the kinds differ only in the body that is posted."""

    name: str
    settings: ChannelSettings
    client: httpx2.AsyncClient = field(repr=False)

    async def post(self, message: Message, *, identifier: str = "", after: str = "") -> Posted:
        """Post a message; see `Channel.post`."""
        if self.settings.token is not None:
            return await self._to_conversation(message, after)
        reply = await post(self.client, self._parcel(_revealed(self.settings.url), *self._dressed(message, identifier)))
        return Posted(reply.status)

    def _dressed(self, message: Message, identifier: str) -> tuple[bytes, dict[str, str]]:
        if self.settings.kind == "slack":
            return to_bytes(slack.body_of(message)), {}
        if self.settings.kind == "teams":
            return to_bytes(teams.body_of(message)), {}
        content = to_bytes(webhook.body_of(message, self.name))
        headers = {webhook.MESSAGE: identifier} if identifier else {}
        if self.settings.secret is not None:
            headers |= webhook.signed(content, _revealed(self.settings.secret), int(time.time()))
        return content, headers

    async def _to_conversation(self, message: Message, after: str) -> Posted:
        body = {
            **slack.body_of(message),
            "channel": self.settings.post_to,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        if after:
            # The end of something is worth seeing in the conversation too.
            body |= {"thread_ts": after, "reply_broadcast": message.colour == "green"}
        url = f"{self.settings.api_url.rstrip('/')}/chat.postMessage"
        headers = {"Authorization": f"Bearer {_revealed(self.settings.token)}"}
        parcel = self._parcel(url, to_bytes(body), headers)
        return _posted(parcel, await post(self.client, parcel), after)

    def _parcel(self, url: str, content: bytes, headers: Mapping[str, str]) -> HttpPost:
        secrets = tuple(_revealed(secret) for name in SECRETS if (secret := getattr(self.settings, name)) is not None)
        return HttpPost(self.name, url, content, headers, self.settings.timeout, secrets)


def channel_of(name: str, settings: ChannelSettings, client: httpx2.AsyncClient) -> Channel:
    """Return the channel that the settings describe; nothing is sent yet."""
    return HttpChannel(name, settings, client)


@dataclass
class Channels:
    """All channels of the settings; they share one client, made when the first is asked for."""

    settings: Mapping[str, ChannelSettings] = field(default_factory=dict[str, ChannelSettings])
    _client: httpx2.AsyncClient | None = field(default=None, repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all channels."""
        return tuple(self.settings)

    def get(self, name: str) -> Channel:
        """Return the channel of this name; must be called in the event loop.

        Raises:
            UnknownChannelError: there is none; the error names the nearest.
        """
        if name not in self.settings:
            raise UnknownChannelError(name, self.settings)
        if self._client is None:
            self._client = make_client()
        return channel_of(name, self.settings[name], self._client)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None


def _posted(parcel: HttpPost, reply: HttpReply, after: str) -> Posted:
    """Read an answer of Slack's API, which says with status 200 that it did not work."""
    try:
        said: object = json.loads(reply.text)
    except ValueError:
        said = None
    values = json_object(said)
    if values.get("ok") is True:
        return Posted(reply.status, after or _reference(values.get("ts")))
    error = detail_of(parcel, str(values.get("error") or "an answer that is not Slack's"))
    if not values or error in slack.PASSING_ERRORS:
        raise NotificationFailed(parcel.channel, status=reply.status, detail=error, retry_after=wait_of(reply))
    raise NotificationRefused(parcel.channel, status=reply.status, detail=error)


def _reference(said: object) -> str:
    """Return the timestamp by which Slack names a message: digits and a dot; empty for any other text."""
    text = said if isinstance(said, str) else ""
    return text if _REFERENCE.fullmatch(text) else ""


def _revealed(secret: SecretStr | None) -> str:
    assert secret is not None
    return secret.get_secret_value()
