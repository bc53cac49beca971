"""A run as Redis holds it, and the names of its states."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

RunState = Literal[
    "queued", "waiting", "running", "retrying", "done", "dropped", "superseded", "dead", "quarantined", "discarded"
]
FINAL_STATES = frozenset({"done", "dropped", "superseded", "dead", "quarantined", "discarded"})
KEPT_STATES = frozenset({"dead", "quarantined"})
"""A person has to decide about these."""
_EFFECTS: Final = {"superseded": "skipped", "dropped": "skipped", "dead": "failed", "quarantined": "failed"}
"""The effect of states that are reached without an attempt."""
_NAMES_IN_JSON: Final = {"crashes": "deaths", "coalesced_events": "stands_for", "deferral": "put_off"}


CODES: Final[dict[str, int]] = {
    name: code
    for code, name in enumerate(
        (
            *("queued", "waiting", "running", "retrying", "dropped", "superseded", "dead", "quarantined", "discarded"),
            *("done", "done acted", "done nothing", "done observed", "done proposed", "done denied", "done failed"),
            "done skipped",
        )
    )
}
"""State, or state and effect -> its number, by which runs are indexed; `_shared.lua` has the same."""
SPAN: Final = 2**43
"""A score in the index of a handler's runs is CODE * SPAN + TIME."""


def codes_of(states: Sequence[str]) -> list[int]:
    """Return the numbers of some states, with every effect."""
    return [code for name, code in CODES.items() if name.partition(" ")[0] in states]


def run_name(handler: str, deferral: str | None = None) -> str:
    """Return what a run is called among those of its delivery: its handler, and `HANDLER@NAME` for a deferred run."""
    return handler if deferral is None else f"{handler}@{deferral}"


def split_name(run: str) -> tuple[str, str | None]:
    """Return a run's handler, and the name of a deferred run."""
    handler, separator, name = run.partition("@")
    return handler, name if separator else None


@dataclass(frozen=True)
class PastAttempt:
    """An attempt that has ended."""

    state: str
    """The state that it left the run in; `lost` if its worker's process ended."""
    at: int
    """When it ended, Unix time in milliseconds."""
    took: int
    """Milliseconds."""
    error: str


@dataclass(frozen=True)
class Run:
    """One handler's work on one delivery."""

    delivery: str
    handler: str
    mode: str
    state: str
    """`queued`; `waiting` (for its turn, see `reason`); `running`; `retrying`; and for good: `done`, `dropped` (the
    handler said that there is nothing to do), `superseded` (a newer event of its subject ran for it), `dead`,
    `quarantined` (its worker's process died too often) and `discarded` (dead until a person said so)."""
    attempts: int
    queued: int
    """Unix time in milliseconds, as are `started` and `ended`."""
    started: int | None
    ended: int | None
    took: int | None
    """Milliseconds of the last attempt."""
    did: tuple[str, ...]
    """Its effects, in plain English."""
    error: str | None
    reason: str | None = None
    """The reason for which it waits."""
    due: int | None = None
    """When it is tried again, Unix time in milliseconds."""
    crashes: int = 0
    """How often its worker's process died during an attempt."""
    coalesced_events: int = 1
    """The number of events that it ran for, its own included."""
    source: str | None = None
    """Which package and version the handler came from."""
    trace: str | None = None
    """The traceback of its last error."""
    deferral: str | None = None
    """The name of a deferred run; None for the run that the delivery itself brought."""
    effect: str | None = None
    """Its last attempt `acted`; did `nothing`; `observed`, `proposed` or was `denied` its writes; `failed`; or was
    `skipped`. None before its first attempt has ended."""
    rules: tuple[str, ...] = ()
    """The rules that matched."""
    audit: tuple[int, ...] = ()
    """The numbers of the audit's entries about its writes."""
    reasons: str | None = None
    """Why other rules did not match, in short."""
    history: tuple[PastAttempt, ...] = ()
    """Its last ten attempts, the oldest first."""

    @property
    def name(self) -> str:
        """The run's name among the runs of its delivery."""
        return run_name(self.handler, self.deferral)

    def to_json_object(self) -> dict[str, Any]:
        """Return the fields under the names that `--json` prints them with."""
        return {_NAMES_IN_JSON.get(name, name): value for name, value in asdict(self).items()}


def read_run(fields: Mapping[bytes, bytes]) -> Run:
    """Read a run's hash."""
    values: dict[str, Any] = {name.decode(): value.decode(errors="replace") for name, value in fields.items()}

    def number(name: str) -> int | None:
        return int(float(values[name])) if values.get(name) else None

    return Run(
        delivery=values.get("delivery", ""),
        handler=values.get("handler", ""),
        mode=values.get("mode", ""),
        state=values.get("state", "queued"),
        attempts=number("attempts") or 0,
        queued=number("queued") or 0,
        started=number("started"),
        ended=number("ended"),
        took=number("took"),
        did=tuple(json.loads(values.get("did") or "[]")),
        error=values.get("error") or None,
        reason=values.get("reason") or None,
        due=number("due"),
        crashes=number("crashes") or 0,
        coalesced_events=number("coalesced_events") or 1,
        source=values.get("source") or None,
        trace=values.get("trace") or None,
        deferral=values.get("name") or None,
        effect=values.get("effect") or _EFFECTS.get(values.get("state", "")),
        rules=tuple(json.loads(values.get("rules") or "[]")),
        audit=tuple(json.loads(values.get("audit") or "[]")),
        reasons=values.get("reasons") or None,
        history=_history(values),
    )


def _history(values: Mapping[str, str]) -> tuple[PastAttempt, ...]:
    # A run that ended with its first attempt has no list: its own fields say the same.
    past: list[Any] = json.loads(values.get("history") or "[]")
    if not past and values.get("ended") and values.get("started"):
        past = [[values["state"], values["ended"], values.get("took") or 0, values.get("error") or ""]]
    return tuple(PastAttempt(state, int(float(at)), int(float(took)), error) for state, at, took, error in past)
