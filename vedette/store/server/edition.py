"""The edition of what Redis holds: the names of the keys and the format of the records.

Each change that another version cannot read has a new number. A process whose number is not the one in Redis neither
reads nor writes: receivers keep deliveries in their spool, workers wait, commands end with their sentence.
"""

from typing import Final

from vedette.store.server.client import RedisClient
from vedette.store.server.keys import EDITION_KEY
from vedette.store.server.server_check import UnsafeServerError

EDITION: Final = 2
"""The number of this version; `fetch.lua` has the same."""
LOOK_INTERVAL: Final = 5.0
"""Seconds between two looks of a process that waits, or that runs for long."""


class OtherEditionError(UnsafeServerError):
    """Redis holds data of another edition.

    Attributes:
        found: The edition in Redis.
    """

    def __init__(self, found: str) -> None:
        self.found = found
        Exception.__init__(
            self,
            f"Redis holds data of edition {found}, and this version of Vedette uses edition {EDITION}: run the version "
            "that wrote them, or name another Redis in VEDETTE_REDIS_URL (`redis_url` in vedette.toml)",
        )


async def claim_edition(client: RedisClient) -> None:
    """Write this version's edition if there is none, and check it.

    Raises:
        OtherEditionError: There is another one.
        redis.exceptions.RedisError: The server gives no answer.
    """
    await client.set(EDITION_KEY, EDITION, nx=True)
    await check_edition(client)


async def check_edition(client: RedisClient) -> None:
    """Check the edition, which may be missing in an empty Redis.

    Raises:
        OtherEditionError: There is another one.
        redis.exceptions.RedisError: The server gives no answer.
    """
    found = await client.get(EDITION_KEY)
    if found is not None and found != str(EDITION).encode():
        raise OtherEditionError(found.decode(errors="replace")[:20])
