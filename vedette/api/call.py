"""Calls to Sentry and their answers, as plain values.

Building a call and reading an answer touch no socket, so that grants, modes, the audit and the limiter are layers
between the client and the network that see everything, and are tested without either.
"""

import copy
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, IntEnum, auto
from typing import Any, Literal, Protocol
from urllib.parse import quote, urlencode

from pydantic_core import from_json

from vedette.api.operations import Operation

Scalar = str | int | bool | datetime | None
Query = Mapping[str, Scalar | Iterable[Scalar]]


class Lane(IntEnum):
    """The priority of a call at the rate limit; lower values go first."""

    PERSON = 0
    """A person has clicked and waits for the answer."""
    WEBHOOK = 1
    """A handler works on a delivery."""
    AGENT = 2
    """An agent calls through the gateway; a part of the limit is left to handlers."""
    BACKFILL = 3
    """Background work: reconciliation, backtests, exports."""


Ceiling = Literal["observe", "propose", "act"]


@dataclass(frozen=True, slots=True)
class CallOptions:
    """Properties that each call of a client gets, for the layers between the client and the network."""

    fresh: frozenset[str] = frozenset()
    """Ids of issues that a webhook has just named, so that 404 may mean `not yet`."""
    because: str = ""
    """The part of the caller that makes the calls, for the audit: `rule fatal to on-call`."""
    ceiling: Ceiling = "act"
    """The boldest mode in which writes may be treated."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request to Sentry's Web API."""

    operation: Operation
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    """Values of the path's parameters."""
    query: tuple[tuple[str, str], ...] = ()
    body: Mapping[str, Any] | None = None
    lane: Lane = Lane.WEBHOOK
    intent: str = ""
    """The write in plain English and past tense: `resolved SHOP-4K in the next release`. Empty for a read."""
    issue: str | None = None
    """Id of its issue, for calls about a single issue."""
    issues: tuple[str, ...] = ()
    """Ids of its issues, for calls about several."""
    project: str | None = None
    """Slug of the project that it is about, where the client knows it."""
    before: Mapping[str, Any] | None = None
    """The previous values of the written fields, as last read, in the form of the body."""
    fresh: bool = False
    """A webhook has only just named the subject, so that 404 may mean `not yet`."""
    because: str = ""
    """The part of the caller that makes it, for the audit: `rule fatal to on-call`; or empty."""
    ceiling: Ceiling = "act"
    """The boldest mode that applies to it: a caller can ask for more care than its mode, never for less."""
    repeat: bool | None = None
    """Overrides the operation's `repeatable` where the body decides."""
    passes_on: bool = False
    """The caller passes the bytes of the answer on, so that a large body is only read if something asks for it."""
    before_send: "Callable[[Call], Awaitable[None]] | None" = field(default=None, repr=False, compare=False)
    """Awaited each time right before the request leaves, after all waiting; it raises to stop the call."""

    @property
    def repeatable(self) -> bool:
        """True when it may be sent again although the first one may have arrived."""
        return self.operation.repeatable if self.repeat is None else self.repeat

    @property
    def path(self) -> str:
        """The path with its parameters filled in and percent-encoded."""
        return fill(self.operation.path, self.parameters)

    @property
    def target(self) -> str:
        """Path and query, as the request line has them."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path

    @property
    def fields(self) -> frozenset[str]:
        """Names of the fields that a write sets."""
        return frozenset(self.body or ())


HeldDecision = Literal["observed", "proposed", "paused"]


@dataclass(frozen=True, slots=True)
class Hold:
    """The decision by which a layer kept a write back."""

    decision: HeldDecision
    proposal: str = ""
    """The id of the proposal that waits for a person; empty for other decisions."""
    is_repeated: bool = False
    """Return whether the same write was proposed before, and still waits."""
    by: str = ""
    """The person who paused writes."""
    intent: str = ""
    """The write in plain English and past tense, as people are shown it."""


class _Unread(Enum):
    BODY = auto()


class Answer:
    """Sentry's response to a call that it accepted.

    Attributes:
        status: The status code.
        headers: The headers; names in lower case.
        content: The body as it came; None where a layer changed the answer or made it.
        sent: False if a layer kept the write back: it was only recorded, or waits for a person.
        held: The decision on a write that was kept back.
        audit: The number of the audit's entry about the call, if it has one of its own.
        is_narrowed: True if the answer was limited to the projects of a grant.
    """

    __slots__ = ("_body", "_read", "audit", "content", "headers", "held", "is_narrowed", "sent", "status")

    def __init__(
        self,
        status: int,
        headers: Mapping[str, str] | None = None,
        body: Any = _Unread.BODY,
        sent: bool = True,
        *,
        content: bytes | None = None,
        held: Hold | None = None,
        audit: int | None = None,
        is_narrowed: bool = False,
        read: Callable[[bytes], Any] = from_json,
    ) -> None:
        """Build an answer; its body is read from `content` when it is first asked for, unless it is given."""
        self.status = status
        self.headers: Mapping[str, str] = {} if headers is None else headers
        self.content = content
        self.sent = sent
        self.held = held
        self.audit = audit
        self.is_narrowed = is_narrowed
        self._read = read
        self._body: Any = None if body is _Unread.BODY and content is None else body

    @property
    def body(self) -> Any:
        """The JSON, read; None where there was no content.

        Raises:
            UnreadableAnswer: The content was not read before, and is no JSON.
        """
        if self._body is _Unread.BODY:
            content = self.content or b""
            self._body = self._read(content) if content.strip() else None
        return self._body

    @property
    def is_read(self) -> bool:
        """Return whether the body was read before, so that `body` costs nothing."""
        return self._body is not _Unread.BODY

    def header(self, name: str) -> str | None:
        """Return the value of a header, in any case of its name."""
        return self.headers.get(name.lower())

    def with_body(self, body: Any) -> "Answer":
        """Return the answer with another body, and without the bytes as they came."""
        return Answer(
            self.status,
            self.headers,
            body,
            self.sent,
            held=self.held,
            audit=self.audit,
            is_narrowed=self.is_narrowed,
        )

    def with_audit(self, entry: int) -> "Answer":
        """Return the answer with the number of its entry in the audit."""
        changed = copy.copy(self)
        changed.audit = entry
        return changed

    def with_sent(self, *, sent: bool) -> "Answer":
        """Return the answer as one that was sent, or kept back."""
        changed = copy.copy(self)
        changed.sent = sent
        return changed

    def with_narrowing(self) -> "Answer":
        """Return the answer as one that was limited to the projects of a grant."""
        changed = copy.copy(self)
        changed.is_narrowed = True
        return changed

    def __repr__(self) -> str:
        return f"Answer(status={self.status}, sent={self.sent})"


class Transport(Protocol):
    """The network, or a layer in front of it: takes a call and returns the answer."""

    async def send(self, call: Call) -> Answer:
        """Answer the call, or raise a `SentryError`."""
        ...


def fill(template: str, parameters: Mapping[str, str]) -> str:
    """Put parameters into a path's template, percent-encoded so that no value can leave its place.

    Raises:
        ValueError: a parameter is empty or a step in the path (`.`, `..`), which would address something else.
        KeyError: a parameter is missing.
    """
    safe: dict[str, str] = {}
    for name, value in parameters.items():
        if value in {"", ".", ".."}:
            raise ValueError(f"{name} cannot be {value!r}: it would change which resource {template} addresses.")
        safe[name] = quote(value, safe="")
    return template.format_map(safe)


def pairs(query: Query) -> tuple[tuple[str, str], ...]:
    """Return a query as Sentry reads it: lists repeat the name, None and an empty cursor are left out."""
    found: list[tuple[str, str]] = []
    for name, value in query.items():
        values = value if isinstance(value, Iterable) and not isinstance(value, str) else (value,)
        found.extend((name, _text(each)) for each in values if each is not None and (name, each) != ("cursor", ""))
    return tuple(found)


def _text(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime) else str(value)
