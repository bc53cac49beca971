"""The ledger of our own writes, by which a delivery is recognised as the echo of one.

The actor of a webhook does not show it: Sentry names the receiving integration for the writes of any integration. So
each write records which deliveries it will cause, before it is sent; the first that matches is its echo, and no later
one is. Ages are measured by the server's clock. Issues are named with their tenant, since two Sentrys give the same
ids.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vedette._core.ids import new_identifier
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import echoes_key, own_writes_key
from vedette.store.server.scripts import script

_KEPT = 2 * 86_400_000
"""Milliseconds for which a write is kept at least: its echo may be rebuilt a day later."""


@dataclass(frozen=True)
class OwnWrite:
    """One of our own writes, before its echo arrives."""

    id: str
    principal: str
    """The key of the principal that writes."""
    names: tuple[str, ...]
    """The events that it causes."""
    text: str
    """What a comment says; empty for others."""
    person: bool
    """Return whether the token acts as a person, so that a webhook names one as its actor."""
    at: int
    """Unix time in milliseconds, by the server's clock."""


@dataclass(frozen=True)
class WriteNotes:
    """The notes of one write: what it will cause, under an id for each issue."""

    ids: Mapping[str, str] = field(default_factory=dict[str, str])
    """Issue with its tenant -> id of the note."""
    record: str = ""
    """The write as a JSON object."""
    age: int = 0
    """Milliseconds for which a note is kept."""


class OwnWrites:
    """The ledger in Redis."""

    def __init__(self, client: RedisClient, window: float) -> None:
        """Prepare.

        Args:
            client: Redis.
            window: Seconds within which an echo is recognised.
        """
        self._client = client
        self._window = round(window * 1000)
        self._claim = client.register_script(script("access/claim_echo"))

    def notes_of(
        self, issues: Sequence[str], principal: str, names: Sequence[str], text: str, *, person: bool
    ) -> WriteNotes:
        """Return the notes of a write, to be kept when it departs; as `echo_of` names its arguments."""
        own = json.dumps({"principal": principal, "names": list(names), "text": text, "person": person})
        return WriteNotes({issue: new_identifier() for issue in issues}, own, max(self._window, _KEPT))

    async def forget(self, issue: str, identifier: str) -> None:
        """Take a note back: Sentry refused the write, so that it has no echo."""
        await self._client.hdel(own_writes_key(issue), identifier)

    async def echo_of(
        self,
        issue: str,
        delivery: str,
        names: Sequence[str],
        text: str,
        *,
        person: bool,
        noted: Mapping[bytes, bytes] | None = None,
        happened: int = 0,
    ) -> OwnWrite | None:
        """Return the write that caused a delivery, or None; the answer for one delivery is always the same.

        Args:
            issue: The issue's id with its tenant.
            delivery: The delivery's id.
            names: All names that its event answers to.
            text: The text of a comment; else empty.
            person: Whether a person is its actor; an integration's write never has one.
            noted: The recorded writes to the issue, if they were read already.
            happened: When it happened, Unix time in milliseconds, if the delivery was rebuilt.
        """
        if noted is None:
            noted = await self._client.hgetall(own_writes_key(issue))
        for identifier, found in sorted(noted.items()):
            own = _own_write(identifier.decode(), json.loads(found))
            if own.person != person or not set(own.names) & set(names) or own.text not in {"", text}:
                continue
            arguments = [own.id, min(names), delivery, self._window, happened]
            if await self._claim(keys=[own_writes_key(issue), echoes_key(issue)], args=arguments):
                return own
        return None


def _own_write(identifier: str, values: Mapping[str, Any]) -> OwnWrite:
    return OwnWrite(
        identifier, values["principal"], tuple(values["names"]), values["text"], values["person"], values["at"]
    )
