"""Calls to Sentry and their answers, as plain values.

Building a call and reading an answer touch no socket, so that grants, modes, the audit and the limiter are layers
between the client and the network that see everything, and are tested without either.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any, Literal, Protocol
from urllib.parse import quote, urlencode

from vedette.api.operations import Operation

Scalar = str | int | bool | datetime | None
Query = Mapping[str, Scalar | Iterable[Scalar]]


class Lane(IntEnum):
    """The priority of a call at the rate limit; lower values go first."""

    PERSON = 0
    """A person has clicked and waits for the answer."""
    WEBHOOK = 1
    """A handler works on a delivery."""
    BACKFILL = 2
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


@dataclass(frozen=True, slots=True)
class Answer:
    """Sentry's response to a call that it accepted."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Names in lower case."""
    body: Any = field(default=None, repr=False)
    """The JSON, read; None where there was no content."""
    sent: bool = True
    """False if a layer kept the write back: it was only recorded, or waits for a person."""

    def header(self, name: str) -> str | None:
        """Return the value of a header, in any case of its name."""
        return self.headers.get(name.lower())


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
