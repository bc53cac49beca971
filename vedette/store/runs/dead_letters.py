"""Dead letters: runs that ended badly, kept until a person has decided; and running again what has ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vedette.store.deliveries.deliveries import Deliveries, DeliveryNotFoundError, DeliverySummary
from vedette.store.runs.run import Run
from vedette.store.runs.runs import Runs
from vedette.store.server.client import RedisClient, Value
from vedette.store.server.keys import DEAD, JOURNAL_LENGTH, PREFIX
from vedette.store.server.scripts import run_script

PAGE = 200


class NotReplayableError(Exception):
    """A run or delivery cannot be replayed."""

    def __init__(self, what: str, why: str) -> None:
        self.what = what
        super().__init__(f"{what} {why}")


@dataclass(frozen=True)
class DeadLetter:
    """A run that ended badly, and the delivery that it worked on."""

    run: Run
    delivery: DeliverySummary

    @property
    def id(self) -> str:
        """The id that commands take: `DELIVERY:HANDLER`, with `@NAME` for a deferred run."""
        return f"{self.run.delivery}:{self.run.name}"


class DeadLetters:
    """The dead letters in Redis, and their replay."""

    def __init__(self, client: RedisClient) -> None:
        self._client = client
        self._deliveries, self._runs = Deliveries(client), Runs(client)
        names = ("replay", "redispatch", "discard")
        self._scripts = {name: client.register_script(run_script(f"runs/{name}")) for name in names}

    async def latest(self, *, since: int = 0, limit: int = PAGE, offset: int = 0) -> list[DeadLetter]:
        """Return dead letters, those that ended last first.

        Args:
            since: Only those that ended then or later, in milliseconds.
            limit: At most so many.
            offset: Leave so many of the newest out.
        """
        found = await self._client.zrevrangebyscore(DEAD, "+inf", since, offset, limit)
        return await self.load([member.decode() for member in found])

    async def load(self, identifiers: Sequence[str]) -> list[DeadLetter]:
        """Return runs with their deliveries by their ids, in this order, leaving out those of which either is gone."""
        names = [(delivery, run) for delivery, _, run in (one.partition(":") for one in identifiers)]
        wanted: dict[str, list[str]] = {}
        for delivery, run in names:
            wanted.setdefault(delivery, []).append(run)
        known = {one.id: one for one in await self._deliveries.summaries(list(wanted))}
        runs = await self._runs.of(list(wanted.items()))
        found = {(run.delivery, run.name): run for each in runs.values() for run in each}
        return [DeadLetter(found[name], known[name[0]]) for name in names if name in found and name[0] in known]

    async def replay(self, delivery: str, handler: str, *, delay: float = 0.0) -> None:
        """Let a handler work on a delivery again, as if for the first time.

        Args:
            delivery: The delivery's id.
            handler: The handler's name; it has worked on it before.
            delay: Seconds until then.

        Raises:
            NotReplayableError: When there is no such run, or it is still going.
        """
        answer = await self._call("replay", [delivery, handler, round(delay * 1000)])
        if answer < 0:
            hint = f"never was: `vedette replay {delivery}` lets the handlers that are there now work on the delivery"
            raise NotReplayableError(f"The run of {handler} on {delivery}", hint)
        if answer == 0:
            raise NotReplayableError(f"The run of {handler} on {delivery}", "is still going: wait for its end")

    async def redispatch(self, delivery: str, *, delay: float = 0.0) -> None:
        """Let the handlers that are there now work on a delivery, those that did before included.

        Raises:
            DeliveryNotFoundError: When there is no such delivery.
            NotReplayableError: When it is quarantined, or a run of it is still going.
        """
        answer = await self._call("redispatch", [delivery, round(delay * 1000)])
        if answer == -1:
            raise DeliveryNotFoundError(delivery)
        if answer < 0:
            raise NotReplayableError(f"Delivery {delivery}", "is quarantined: no handler may see it")
        if answer == 0:
            raise NotReplayableError(f"Delivery {delivery}", "is still being worked on: wait for its end")

    async def discard(self, delivery: str, handler: str) -> bool:
        """Close a dead run for good; return whether it was dead."""
        return await self._call("discard", [delivery, handler, JOURNAL_LENGTH]) == 1

    async def get(self, delivery: str, handler: str) -> DeadLetter | None:
        """Return a run with its delivery, dead or not; None when either is gone."""
        run = await self._runs.get(delivery, handler)
        try:
            return None if run is None else DeadLetter(run, await self._deliveries.summary(delivery))
        except DeliveryNotFoundError:
            return None

    async def _call(self, name: str, arguments: list[Value]) -> int:
        answer: Any = await self._scripts[name](keys=[PREFIX], args=arguments)
        return int(answer)
