"""A Redis client that counts its round trips: each command, each script and each pipeline is one."""

from typing import Any, cast

from vedette.store.server.client import RedisClient


class CountingClient:
    """Passes everything on to a real client."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.trips = 0

    def __getattr__(self, name: str) -> Any:
        ours = {"register_script": self._register, "pipeline": self._pipeline}
        return ours.get(name) or self._counted(getattr(self._client, name))

    def _register(self, script: str) -> Any:
        return self._counted(self._client.register_script(script))

    def _pipeline(self, *arguments: Any, **more: Any) -> Any:
        pipeline = self._client.pipeline(*arguments, **more)
        pipeline.execute = self._counted(pipeline.execute)
        return pipeline

    def _counted(self, call: Any) -> Any:
        async def counted(*arguments: Any, **more: Any) -> Any:
            self.trips += 1
            return await call(*arguments, **more)

        return counted


def count_trips(client: RedisClient) -> tuple[CountingClient, RedisClient]:
    """Return a client that counts, twice: as what it is, and as what it stands for."""
    counting = CountingClient(client)
    return counting, cast("RedisClient", counting)
