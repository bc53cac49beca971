"""Decides which webhooks have arrived, by the arrivals that `accept.lua` records."""

import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from vedette.store.server.client import RedisClient
from vedette.store.server.keys import arrivals_key

KEPT_FOR: Final = timedelta(days=8)
"""How long arrivals are known; `accept.lua` has the same."""
_SKEW: Final = 5_000
"""Milliseconds by which a webhook may be stamped before the change that caused it: its stamp is in whole seconds."""
_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The deliveries of one occurrence.

    Attributes:
        webhooks: When each webhook was sent, in milliseconds, the oldest first.
        rebuilt: Delivery of each rebuilt past event, by the time when it happened in milliseconds.
        count: The number of all entries, by which a later change is noticed.
    """

    webhooks: tuple[int, ...] = ()
    rebuilt: Mapping[int, str] = field(default_factory=dict[int, str])
    count: int = 0

    def missing(self, happened: Sequence[int], *, recurs: bool) -> list[int]:
        """Return the times of the past events that neither arrived nor were rebuilt, the oldest first.

        Args:
            happened: When each past event was, in milliseconds.
            recurs: Whether it can happen several times; otherwise any webhook is the one of the only past event.
        """
        waiting = [moment for moment in happened if moment not in self.rebuilt]
        if not recurs:
            return [] if self.webhooks or len(waiting) < len(happened) else waiting
        left = list(self.webhooks)
        missing: list[int] = []
        # From the newest on, so that a webhook is not taken for that of an earlier past event, which was lost.
        for moment in sorted(waiting, reverse=True):
            place = bisect.bisect_left(left, moment - _SKEW)
            if place < len(left):
                # However late it is: no later event has claimed it.
                del left[place]
            else:
                missing.append(moment)
        return missing[::-1]


async def read_arrivals(client: RedisClient, integration: str, occurrences: Sequence[str]) -> dict[str, Arrivals]:
    """Return the arrivals of each occurrence, such as `issue.created 42`."""
    found: dict[str, Arrivals] = {}
    for start in range(0, len(occurrences), _BATCH):
        some = occurrences[start : start + _BATCH]
        pipeline = client.pipeline(transaction=False)
        for occurrence in some:
            pipeline.zrange(arrivals_key(integration, occurrence), 0, -1, withscores=True)
        rows: list[list[tuple[bytes, float]]] = await pipeline.execute()
        found |= {name: _arrivals(row) for name, row in zip(some, rows, strict=True)}
    return found


def _arrivals(entries: Sequence[tuple[bytes, float]]) -> Arrivals:
    webhooks: list[int] = []
    rebuilt: dict[int, str] = {}
    for member, score in entries:
        # `rebuilt ID` or `matched ID`; the id alone of a webhook.
        *state, delivery = member.decode().split(" ")
        if state:
            rebuilt[round(score)] = delivery
        else:
            webhooks.append(round(score))
    return Arrivals(tuple(webhooks), rebuilt, len(entries))


async def arrived(client: RedisClient, integration: str, issues: Sequence[str]) -> frozenset[str]:
    """Return the new issues of which `issue.created` arrived as a webhook; rebuilt ones did not arrive.

    Args:
        client: The Redis of the receivers.
        integration: The integration.
        issues: The ids of issues, created within `KEPT_FOR`.
    """
    found = await read_arrivals(client, integration, [f"issue.created {issue}" for issue in issues])
    return frozenset(issue for issue in issues if found[f"issue.created {issue}"].webhooks)


def in_milliseconds(moment: datetime) -> int:
    """Return a time as Redis has it."""
    return round(moment.timestamp() * 1000)
