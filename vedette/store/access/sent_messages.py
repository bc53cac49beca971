"""Records sent messages, so that a repeated attempt does not send one twice, and the first message of each thread."""

from vedette.store.server.client import RedisClient
from vedette.store.server.keys import scoped, sent_key, thread_key

_TOLD_AGE = 7 * 86_400_000
_THREAD_AGE = 30 * 86_400_000


class SentMessages:
    """The messages in Redis."""

    def __init__(self, client: RedisClient, tenant: str = "") -> None:
        """Prepare.

        Args:
            client: Redis.
            tenant: The tenant whose threads they are: two of them name theirs by the same ids.
        """
        self._client, self._tenant = client, tenant

    def of_tenant(self, tenant: str) -> "SentMessages":
        """Return those of a tenant."""
        return SentMessages(self._client, tenant)

    async def has(self, identifier: str) -> bool:
        """Return whether a message was sent, within a week."""
        return bool(await self._client.exists(sent_key(identifier)))

    async def note(self, identifier: str) -> None:
        """Note that a message was sent."""
        await self._client.set(sent_key(identifier), "1", px=_TOLD_AGE)

    async def reference(self, channel: str, thread: str) -> str | None:
        """Return the service's id of a thread's first message, empty for one without; None after a month."""
        found = await self._client.get(self._key(channel, thread)) if thread else None
        return None if found is None else found.decode()

    async def begin(self, channel: str, thread: str, reference: str) -> None:
        """Note what began a thread."""
        if thread:
            await self._client.set(self._key(channel, thread), reference, px=_THREAD_AGE)

    def _key(self, channel: str, thread: str) -> str:
        return thread_key(channel, scoped(self._tenant, thread))
