"""Proposals: writes that wait for a person's yes or no."""

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, cast

from vedette.clear_errors import ClearError
from vedette.store.access_keys import PROPOSALS, proposal_key
from vedette.store.client import RedisClient

State = Literal["open", "approved", "rejected", "stale"]
_ID_LENGTH = 10


class ProposalNotFoundError(ClearError, LookupError):
    """No proposal has this id, or it has expired."""

    def __init__(self, proposal: str) -> None:
        self.proposal = proposal
        super().__init__(f"there is no proposal {proposal}: `vedette proposals` lists those that wait")


class ProposalDecidedError(ClearError):
    """A proposal has been decided already."""

    def __init__(self, proposal: str, state: str, by: str) -> None:
        self.proposal = proposal
        self.state = state
        super().__init__(f"proposal {proposal} is {state}{f' by {by}' if by else ''} already")


@dataclass(frozen=True)
class Proposal:
    """A write that a handler would like to make."""

    id: str
    """Made from what it would do, so that the same wish is there once."""
    handler: str
    source: str
    needs: tuple[str, ...]
    shipped: bool
    """Whether its grant came with it, so that it still holds where the settings name none."""
    integration: str
    delivery: str
    event: str
    intent: str
    operation: str
    parameters: Mapping[str, str]
    query: tuple[tuple[str, str], ...]
    body: Mapping[str, Any] | None
    issues: tuple[str, ...]
    """Ids."""
    label: str
    project: str
    before: Mapping[str, Any]
    """What the fields held when it was proposed."""
    at: int
    """Unix time in milliseconds, as is `expires`."""
    expires: int
    state: str = "open"
    by: str = ""
    """Who decided."""
    because: str = ""
    """What of the handler's makes the write, beside the event: `rule NAME`."""
    fields: tuple[str, ...] = ()
    """Those that a grant that came with it lets it set; empty where it names none."""


class Proposals:
    """The proposals in Redis."""

    def __init__(self, client: RedisClient, age: float) -> None:
        """Prepare.

        Args:
            client: Where they are.
            age: Seconds for which one waits.
        """
        self._client = client
        self.age = round(age * 1000)

    async def put(self, proposal: Proposal) -> bool:
        """Let a write wait; return False where the same waits or was rejected already."""
        known = await self._client.hget(proposal_key(proposal.id), "state")
        if known in {b"open", b"rejected"}:
            return False
        text = json.dumps(asdict(proposal))
        await self._client.hset(proposal_key(proposal.id), mapping={"proposal": text, "state": "open", "by": ""})
        await self._client.pexpire(proposal_key(proposal.id), self.age)
        await self._client.zadd(PROPOSALS, {proposal.id: proposal.expires})
        return True

    async def get(self, proposal: str) -> Proposal:
        """Return one.

        Raises:
            ProposalNotFoundError: It is not there, or has expired.
        """
        fields = await self._client.hgetall(proposal_key(proposal))
        if not fields:
            await self._client.zrem(PROPOSALS, proposal)
            raise ProposalNotFoundError(proposal)
        values = cast("dict[str, Any]", json.loads(fields[b"proposal"]))
        values |= {"state": fields[b"state"].decode(), "by": fields[b"by"].decode()}
        for name in ("needs", "issues", "fields"):
            values[name] = tuple(values.get(name, ()))
        values["query"] = tuple((key, value) for key, value in values["query"])
        return Proposal(**values)

    async def waiting(self, limit: int = 1000) -> list[Proposal]:
        """Return those that wait, the newest first."""
        found: list[Proposal] = []
        for identifier in await self._client.zrevrangebyscore(PROPOSALS, "+inf", "-inf", 0, limit):
            try:
                proposal = await self.get(identifier.decode())
            except ProposalNotFoundError:
                continue
            if proposal.state == "open":
                found.append(proposal)
        return found

    async def take(self, proposal: str, by: str) -> Proposal:
        """Take one to decide it; only one who asks gets it.

        Raises:
            ProposalNotFoundError: It is not there, or has expired.
            ProposalDecidedError: Somebody else was quicker.
        """
        found = await self.get(proposal)
        if found.state != "open" or not await self._client.hsetnx(proposal_key(proposal), "taken", by):
            now = await self.get(proposal)
            raise ProposalDecidedError(proposal, now.state, now.by)
        return found

    async def close(self, proposal: str, state: State, by: str) -> None:
        """Write down what was decided; an `open` one can be taken again."""
        await self._client.hset(proposal_key(proposal), mapping={"state": state, "by": by})
        await self._client.hdel(proposal_key(proposal), "taken")
        if state != "open":
            await self._client.zrem(PROPOSALS, proposal)


def proposal_id(handler: str, operation: str, parameters: Mapping[str, str], query: object, body: object) -> str:
    """The id of a wish: the same for the same handler and the same write."""
    text = json.dumps([handler, operation, dict(parameters), query, body], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_ID_LENGTH]


def now() -> int:
    """Return Unix time in milliseconds."""
    return time.time_ns() // 1_000_000
