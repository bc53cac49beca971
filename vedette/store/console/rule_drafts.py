"""Stores drafts of rules files, so that a link shares them; each ends two weeks after it was written."""

from dataclasses import dataclass
from typing import Final

import msgspec

from vedette.store.console.secret_text import new_secret, short_id
from vedette.store.server.client import RedisClient
from vedette.store.server.clock import server_time
from vedette.store.server.keys import rule_draft_key

_KEPT: Final = 14 * 86_400_000
"""Milliseconds for which a draft is kept."""


@dataclass(frozen=True)
class RuleDraft:
    """A rules file that is not in force."""

    id: str
    text: str
    by: str
    """The person who wrote it."""
    written: int
    """Unix time in milliseconds."""


class RuleDrafts:
    """The drafts in Redis. A draft is never changed: another text is another draft."""

    def __init__(self, client: RedisClient) -> None:
        self._client = client

    async def create(self, text: str, by: str) -> RuleDraft:
        """Store a draft and return it."""
        now = round(await server_time(self._client) * 1000)
        draft = RuleDraft(short_id(new_secret()), text, by, now)
        await self._client.set(rule_draft_key(draft.id), msgspec.json.encode(draft), px=_KEPT)
        return draft

    async def get(self, identifier: str) -> RuleDraft | None:
        """Return a draft; None if there is none of this id, or it is past its age."""
        stored = await self._client.get(rule_draft_key(identifier))
        try:
            return None if stored is None else msgspec.json.decode(stored, type=RuleDraft)
        except (msgspec.DecodeError, RecursionError):
            return None
