"""Values that a worker exchanges with Redis about an attempt of a run."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from vedette.store.runs.run import RunState


@dataclass(frozen=True)
class PlannedRun:
    """A handler that a delivery concerns."""

    handler: str
    mode: str
    source: str = ""
    ordered: bool = True
    """Return whether its runs keep the order of their subject."""
    window: int = 0
    """Milliseconds for which the events of a subject are gathered into one run; 0 for a run each."""


@dataclass(frozen=True)
class PlannedDelivery:
    """The fields by which a planned delivery is indexed; empty where there is none."""

    issue: str = ""
    """The issue's id."""
    tenant: str = ""
    """The tenant of the issue."""
    request: str = ""
    """Sentry's Request-ID."""
    title: str = ""
    """The title of the issue or event."""


NOT_INDEXED = PlannedDelivery()


@dataclass(frozen=True)
class RunLimits:
    """The limits on a handler's runs."""

    concurrency: int = 0
    """At once, over all workers; 0 for any number."""
    rate: int = 0
    """Starts per `period`; 0 for any number."""
    period: int = 0
    """Milliseconds."""


NO_LIMITS = RunLimits()


@dataclass(frozen=True)
class RunMessage:
    """The queue's message that asks for a run."""

    generation: int
    in_flight: str = ""
    """The sorted set of messages that this worker holds; empty for not to ask whether it still does."""
    id: str = ""
    call: str = field(default_factory=lambda: secrets.token_hex(8))
    """Names this very call, so that repeating it after a lost answer begins nothing twice."""
    isolate_after: int = 0
    """The number of deaths from which on it has to run alone; 0 for never."""
    tokens: str = ""
    """The worker's tokens as JSON (integration -> fingerprint); empty for a run that needs none."""


@dataclass(frozen=True)
class AttemptStart:
    """The decision to start an attempt, and the record of the attempts before."""

    verdict: Literal["go", "wait", "ended", "stale", "gone", "isolated"]
    """`go`; `wait` (it is queued again later); `ended` already; `stale` (a newer message asks for it);
    `gone` (no such run); `isolated` (it may be what killed its worker: ask again when no other such run goes)."""
    why: str = ""
    attempt: int = 0
    """1 on the first try; attempts that were postponed do not count."""
    attempt_token: int = 0
    """Numbers this attempt for good; what it settles is taken only while no later one has begun."""
    crashes: int = 0
    """How often the worker's process died during an attempt."""
    postponed: int = 0
    """How often Sentry asked to come back later."""
    bug: str = ""
    """The kind of error that the last attempt ended with, if that was a bug of the handler."""
    bugs: int = 0
    """How often in a row."""
    queued: int = 0
    """When the run was decided: Unix time in milliseconds by the server's clock, as is `started`."""
    started: int = 0
    """When this attempt began."""
    coalesced_events: int = 1
    """The number of events that it is for, its own included."""
    data: str = ""
    """The data that its handler gave a deferred run, as JSON."""
    record: Mapping[bytes, bytes] = field(default_factory=dict[bytes, bytes])
    """The delivery in its stored form, for `Deliveries.read`; empty when it is gone."""
    held: int = 0
    """Milliseconds for which the run has waited because Sentry refused a token."""


@dataclass(frozen=True)
class AttemptOutcome:
    """The outcome of one attempt."""

    state: RunState
    """`retrying`, or one of the final ones."""
    did: Sequence[str] = ()
    took: int = 0
    """Milliseconds."""
    error: str = ""
    trace: str = ""
    wait: int = 0
    """Milliseconds until the next attempt."""
    postponed: bool = False
    """This attempt does not count."""
    bug: str = ""
    bugs: int = 0
    hold: int = 0
    """Milliseconds from its first attempt for which a failing run may hold its subject."""
    is_token_refused: bool = False
    """Sentry refused the token: the attempt does not count, and the run waits until one works."""
    tokens: str = ""
    """With `is_token_refused`: the worker's tokens as JSON (integration -> fingerprint)."""
    effect: str = ""
    """`acted`, `nothing`, `observed`, `proposed`, `denied`, `failed` or `skipped`; empty where that is not known."""
    rules: Sequence[str] = ()
    """The rules that matched."""
    audit: Sequence[int] = ()
    """The numbers of its entries in the audit."""
    reasons: str = ""
    """Why other rules did not match, in short."""
