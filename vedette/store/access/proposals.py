"""Proposals: writes that wait for a person's yes or no. All times are the server's."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

from vedette._core.ids import new_identifier
from vedette._core.json_values import json_object
from vedette._core.printable import printable
from vedette._core.user_error import UserError
from vedette.store.search.cursor import Cursor
from vedette.store.search.page import Page
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import DECIDED_PROPOSALS, PROPOSALS, proposal_key
from vedette.store.server.scripts import script

State = Literal["open", "approved", "rejected", "stale", "gone"]
LEASE: Final = 30.0
"""Seconds after which a proposal that was taken can be taken by another, unless its lease is renewed."""
_ID_LENGTH = 10


class ProposalNotFoundError(UserError, LookupError):
    """No proposal has this id, or it has expired."""

    def __init__(self, proposal: str) -> None:
        self.proposal = proposal
        super().__init__(f"there is no proposal {printable(proposal)}: `vedette proposals` lists those that wait")


class ProposalDecidedError(UserError):
    """A proposal has been decided already."""

    def __init__(self, proposal: str, state: str, by: str) -> None:
        self.proposal = proposal
        self.state = state
        super().__init__(f"proposal {proposal} is {state}{f' by {by}' if by else ''} already")


class ProposalTakenError(UserError):
    """Another person decides a proposal at this moment."""

    def __init__(self, proposal: str, by: str) -> None:
        self.proposal = proposal
        self.by = by
        super().__init__(
            f"proposal {proposal} is being decided by {by or 'somebody'}: where that ended half-way, it is free again "
            f"within {LEASE:.0f} seconds"
        )


class UnreadableProposalError(UserError):
    """The value in Redis for a proposal is not one."""

    def __init__(self, proposal: str) -> None:
        self.proposal = proposal
        super().__init__(
            f"proposal {printable(proposal)} cannot be read: what Redis holds in its place ({proposal_key(proposal)}) "
            "was not written by Vedette, or was altered"
        )


@dataclass(frozen=True)
class Proposal:
    """A write that waits for a person's decision."""

    id: str
    """Derived from the write, so that the same proposal is there once."""
    handler: str
    """The key of the principal that would make it; programs read it under this name."""
    source: str
    needs: tuple[str, ...]
    shipped: bool
    """Return whether its grant came with it, so that it still holds where the settings name none."""
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
    before: Mapping[str, Mapping[str, Any]]
    """What the fields held when it was proposed, for each issue by its id."""
    at: int = 0
    """Unix time in milliseconds, as is `expires`; both are set when it is put."""
    expires: int = 0
    state: str = "open"
    by: str = ""
    """Who decided."""
    because: str = ""
    """The part of the principal that would make the write: `rule NAME`."""
    fields: tuple[str, ...] = ()
    """The fields that its grant lets it set; empty if the grant names none."""
    projects: tuple[str, ...] = ()
    """Slugs of all projects that it is about."""
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    """What people call the teams and members in it: `team:2` -> `team payments`."""


class Proposals:
    """The proposals in Redis."""

    def __init__(self, client: RedisClient, age: float) -> None:
        """Prepare.

        Args:
            client: Redis.
            age: Seconds for which one waits.
        """
        self._client = client
        self._age = round(age * 1000)
        self._propose = client.register_script(script("access/propose"))
        self._find = client.register_script(script("access/list_proposals"))
        self._decide = client.register_script(script("access/decide_proposal"))

    async def propose(self, proposal: Proposal) -> bool:
        """Let a write wait; return False where the same waits or was rejected already."""
        arguments = [proposal.id, json.dumps(asdict(proposal)), self._age]
        return bool(await self._propose(keys=_keys(proposal.id), args=arguments))

    async def get(self, proposal: str) -> Proposal:
        """Return one.

        Raises:
            ProposalNotFoundError: It is not there, or has expired.
            UnreadableProposalError: The value in Redis is not one.
        """
        (fields,) = await self._read([proposal])
        return _readable(proposal, fields)

    async def waiting(self, limit: int = 1000, unreadable: "list[str] | None" = None) -> list[Proposal]:
        """Return those that wait, the newest first.

        Args:
            limit: At most so many.
            unreadable: Receives the ids of those that cannot be read.
        """
        page = await self.page(limit=limit, unreadable=unreadable)
        return page.rows

    async def page(
        self,
        *,
        limit: int,
        cursor: Cursor | None = None,
        decided: bool = False,
        unreadable: "list[str] | None" = None,
    ) -> Page[Proposal]:
        """Return one page, the newest first, in two round trips.

        Args:
            limit: Look at so many.
            cursor: Where the page before ended.
            decided: Those that were decided and have not expired, the last decided first.
            unreadable: Receives the ids of those that cannot be read.
        """
        listed = DECIDED_PROPOSALS if decided else PROPOSALS
        place = [] if cursor is None else [cursor.time, cursor.member]
        found = await self._find(keys=[listed], args=[limit, *place])
        names = [name.decode(errors="replace") for name in found[::2]]
        following = Cursor(int(float(found[-1])), names[-1]) if len(names) == limit else None
        kept: list[Proposal] = []
        gone: list[str] = []
        for name, fields in zip(names, await self._read(names), strict=True):
            try:
                proposal = _readable(name, fields)
            except ProposalNotFoundError:
                gone.append(name)
                continue
            except UnreadableProposalError:
                if unreadable is not None:
                    unreadable.append(name)
                continue
            if (proposal.state == "open") is not decided:
                kept.append(proposal)
        if gone:
            await self._client.zrem(listed, *gone)
        return Page(kept, str(following) if following else None)

    async def _read(self, names: Sequence[str]) -> "list[dict[bytes, bytes] | Exception]":
        pipeline = self._client.pipeline(transaction=False)
        for name in names:
            pipeline.hgetall(proposal_key(name))
        return await pipeline.execute(raise_on_error=False) if names else []

    async def take(self, proposal: str, by: str, token: str = "") -> str:
        """Take one to decide it, or keep what was taken; return the token with which it is kept and closed.

        Raises:
            ProposalNotFoundError: It is not there, or has expired.
            ProposalDecidedError: Another person was quicker.
            ProposalTakenError: Another person decides it at this moment.
        """
        token = token or new_identifier()
        await self._ask(proposal, token, "take", by)
        return token

    async def close(self, proposal: str, token: str, state: State, by: str) -> None:
        """Record the decision about a proposal that was taken; an `open` one can be taken again.

        Raises:
            ProposalNotFoundError: It has expired meanwhile.
            ProposalDecidedError: The lease ended, and another person has decided.
            ProposalTakenError: The lease ended, and another person has it.
        """
        await self._ask(proposal, token, state, by)

    async def _ask(self, proposal: str, token: str, what: str, by: str) -> None:
        arguments = [proposal, token, round(LEASE * 1000), what, by]
        answer: list[bytes] = await self._decide(keys=_keys(proposal), args=arguments)
        verdict, state, decider = (part.decode(errors="replace") for part in answer)
        if verdict == "absent":
            raise ProposalNotFoundError(proposal)
        if verdict == "decided":
            raise ProposalDecidedError(proposal, state, decider)
        if verdict == "taken":
            raise ProposalTakenError(proposal, decider)


def proposal_id(tenant: str, principal: str, operation: str, *sent: object) -> str:
    """Return the id of a wish: the same for the same principal and the same write to the same Sentry."""
    text = json.dumps([tenant, principal, operation, *sent], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_ID_LENGTH]


def _readable(proposal: str, fields: Mapping[bytes, bytes] | Exception) -> Proposal:
    """Read a proposal from its hash, or from the error with which Redis answers instead."""
    if isinstance(fields, Exception):
        if not str(fields).startswith("WRONGTYPE"):
            raise fields
        raise UnreadableProposalError(proposal)
    if not fields:
        raise ProposalNotFoundError(proposal)
    try:
        return _proposal(fields)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UnreadableProposalError(proposal) from None


def _proposal(fields: Mapping[bytes, bytes]) -> Proposal:
    values = json_object(json.loads(fields[b"proposal"]))
    values |= {name: fields[name.encode()].decode() for name in ("state", "by")}
    values |= {name: int(fields[name.encode()]) for name in ("at", "expires")}
    for name in ("needs", "issues", "fields", "projects"):
        values[name] = tuple(values.get(name, ()))
    values["query"] = tuple((key, value) for key, value in values["query"])
    return Proposal(**values)


def _keys(proposal: str) -> list[str]:
    return [proposal_key(proposal), PROPOSALS, DECIDED_PROPOSALS]
