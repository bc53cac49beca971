"""Stores what known issues were like when they were last read, so that a change is noticed."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from vedette._core.json_values import json_object
from vedette.events.identifiers import digest
from vedette.history.activity_changes import moment
from vedette.reconcile.arrivals import in_milliseconds
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import known_issues_key, pictures_key

_CHUNK: Final = 500


class Picture(msgspec.Struct, array_like=True, frozen=True):
    """The fields of an issue, of which changes cause webhooks; add new ones at the end, with a default."""

    status: str
    substatus: str
    details: str
    """A digest of `statusDetails`."""
    assignee: str
    """`user:1`, `team:2`, or empty."""
    comments: int
    looked: int
    """When it was read, Unix time in milliseconds."""
    active: int
    """When its latest event was or a change was last noticed, Unix time in milliseconds."""

    def differs(self, newer: "Picture") -> bool:
        """Return whether a change may have caused a webhook.

        None is sent for a new priority, for an automatic `ongoing`, and when an assignee is taken away.
        """
        if (self.status, self.details) != (newer.status, newer.details):
            return True
        if newer.substatus not in {self.substatus, "ongoing"}:
            return True
        is_assigned = self.assignee != newer.assignee and bool(newer.assignee)
        return is_assigned or newer.comments > self.comments

    def with_activity_of(self, older: "Picture | None") -> "Picture":
        """Return the picture, active since it last differed from an older one."""
        if older is None:
            return self
        active = self.looked if older.differs(self) else older.active
        return msgspec.structs.replace(self, active=max(active, self.active))

    def is_untouched(self, *, is_young: bool) -> bool:
        """Return whether the issue looks as it was created; only a young one cannot be `ongoing` by itself."""
        usual = {"", "new"} if is_young else {"", "new", "ongoing"}
        return self.status == "unresolved" and self.substatus in usual and not self.assignee and not self.comments

    def outdated(self) -> "Picture":
        """Return a picture that differs from any."""
        return msgspec.structs.replace(self, status="")

    def is_quiet(self, now: datetime, watch: float) -> bool:
        """Return whether there was no event and no change for `watch` seconds."""
        return self.active < in_milliseconds(now - timedelta(seconds=watch))


def picture_of(row: Mapping[str, Any], now: datetime) -> Picture:
    """Return the picture of an issue as the API shows it."""
    assignee = json_object(row.get("assignedTo")) if isinstance(row.get("assignedTo"), dict) else {}
    comments = row.get("numComments")
    seen = moment(row.get("lastSeen"))
    return Picture(
        status=str(row.get("status")),
        substatus=str(row.get("substatus") or ""),
        details=digest(row.get("statusDetails") or {}),
        assignee=f"{assignee.get('type')}:{assignee.get('id')}" if assignee else "",
        comments=comments if isinstance(comments, int) else 0,
        looked=in_milliseconds(now),
        active=in_milliseconds(seen or now),
    )


class Pictures:
    """The pictures of one integration in Redis."""

    def __init__(self, client: RedisClient, integration: str) -> None:
        self._client = client
        self._key = pictures_key(integration)
        self._known = known_issues_key(integration)

    async def all(self) -> dict[str, Picture]:
        """Return the picture of each issue; one of another version is left out, so that its issue is read again."""
        found: dict[str, Picture] = {}
        for issue, packed in (await self._client.hgetall(self._key)).items():
            try:
                found[issue.decode()] = msgspec.msgpack.decode(packed, type=Picture)
            except msgspec.MsgspecError:
                continue
        return found

    async def named_since(self, begins: datetime) -> frozenset[str]:
        """Return the issues that deliveries have named since a time."""
        found = await self._client.zrevrangebyscore(self._known, "+inf", in_milliseconds(begins), 0, -1)
        return frozenset(issue.decode() for issue in found)

    async def write(self, pictures: Mapping[str, Picture]) -> None:
        """Store pictures in place of older ones."""
        items = list(pictures.items())
        for start in range(0, len(items), _CHUNK):
            packed = {issue: msgspec.msgpack.encode(picture) for issue, picture in items[start : start + _CHUNK]}
            await self._client.hset(self._key, mapping=packed)

    async def forget(self, issues: Iterable[str]) -> None:
        """Remove the pictures of issues that are gone, or no longer looked at."""
        listed = list(issues)
        for start in range(0, len(listed), _CHUNK):
            await self._client.hdel(self._key, *listed[start : start + _CHUNK])
            await self._client.zrem(self._known, *listed[start : start + _CHUNK])
