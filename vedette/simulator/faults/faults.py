"""Faults on request: errors that a receiver or a client must survive.

A fault is active until its `times` are used up; API calls and webhooks take the first that fits them. Lasting faults
are conditions of Sentry or of the integration there (`integration_faults`), active until they are cleared.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from vedette._core.json_values import json_object

FaultKind = Literal[
    "rate_limit",  # 429 as from the window limit; `seconds` until its reset
    "concurrency_limit",  # 429 as from the concurrency limit
    "event_store_limit",  # 429 of the event store, with headers that may be the text None
    "status",  # an error in Sentry's shape; `status`
    "html",  # a proxy's page; `status`, 502 when not given
    "slow",  # the right answer, `seconds` late
    "drop",  # the connection closed without an answer
    "cut",  # the connection closed in the middle of the answer
    "expire",  # 401 "Token expired"
    "lag",  # 404 as for an issue that is not visible yet
    "headers",  # the right answer, with `headers` added to it or in place of its own
    "answer",  # `body` unchanged, with `status` and `headers`: anything that a proxy or a broken server may send
    "hang",  # the connection is taken and never answered, for `seconds`
    "bomb",  # 200 with `seconds` megabytes of blanks, compressed to a thousandth
    "brownout",  # 410 of a deprecated endpoint, with its headers
    "webhook_lost",
    "webhook_twice",
    "webhook_late",  # `seconds` late, and so out of order
    "webhook_forged",  # one byte of the signature altered
    "breaker",  # the circuit breaker opens, for `seconds`; 300 when not given
    "silent",  # lasting: sends no webhook
    "hook_missing",  # lasting: sends nothing that is subscribed to, while alerts go on
    "unsent",  # lasting: does not send what `match` names
    "wrong_url",  # lasting: sends to `body`, or to the webhook URL with `-old` at its end
    "unticked",  # lasting: is not subscribed to what `match` names
    "disabled",  # lasting: the integration is disabled by Sentry's staff
    "plan",  # lasting: the organization's plan has no `error` webhooks
]
StandingKind = Literal["silent", "hook_missing", "unsent", "wrong_url", "unticked", "disabled", "plan"]
STANDING: frozenset[str] = frozenset(get_args(StandingKind))
_MATCH_NEEDED = frozenset({"unsent", "unticked"})
_KINDS_OF_FIELDS: dict[str, tuple[type, ...]] = {
    "times": (int, type(None)),
    "status": (int,),
    "seconds": (int, float),
    "chance": (int, float),
    "body": (str,),
}
_MEANT = {str: "a text", type(None): "a number or null"}
DEFAULT_SECONDS = 1.0
KINDS: tuple[str, ...] = get_args(FaultKind)


class UnknownFaultError(ValueError):
    """A fault was asked for that does not exist or makes no sense; the text lists what does."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(text)


@dataclass(slots=True)
class Fault:
    """One fault to come.

    Attributes:
        kind: the kind of error.
        times: how often; None for as long as it is active.
        match: a regular expression on `METHOD /path` of a call, or on `resource.action` of a webhook.
        status: the HTTP status, for `status` and `html`.
        seconds: how late, or how long until the limit resets.
        chance: share of fitting calls that it hits, 0 to 1.
        headers: headers that its answer has besides, such as an odd `Retry-After`.
        body: the text of an `answer`.
    """

    kind: FaultKind
    times: int | None = 1
    match: str = ""
    status: int = 500
    seconds: float = DEFAULT_SECONDS
    chance: float = 1.0
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: str = ""

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Fault:
        """Read a fault from the control API.

        Raises:
            UnknownFaultError: the kind, a key or the expression is not understood.
        """
        known = {"kind", "times", "match", "status", "seconds", "chance", "headers", "body"}
        if body.get("kind") not in KINDS or not known.issuperset(body):
            raise UnknownFaultError(f"A fault has a kind ({', '.join(KINDS)}) and may have {', '.join(sorted(known))}.")
        for name, kinds in _KINDS_OF_FIELDS.items():
            if name in body and (isinstance(body[name], bool) or not isinstance(body[name], kinds)):
                raise UnknownFaultError(f"`{name}` must be {_MEANT.get(kinds[-1], 'a number')}.")
        if not _are_headers(body.get("headers", {})):
            raise UnknownFaultError("`headers` must be an object of texts, each without line breaks.")
        try:
            re.compile(str(body.get("match", "")))
        except re.error as error:
            raise UnknownFaultError(f"`match` is no regular expression: {error}.") from error
        if body["kind"] in _MATCH_NEEDED and not body.get("match"):
            raise UnknownFaultError(f"`{body['kind']}` needs `match`, such as `issue.created`.")
        return cls(**body)

    @property
    def is_of_webhooks(self) -> bool:
        """True if it is taken by a webhook, false if by a call of the API or by none."""
        return self.kind == "breaker" or self.kind.startswith("webhook_")

    def as_json(self) -> dict[str, Any]:
        """Return the fault as the control API shows it."""
        return {
            "kind": self.kind,
            "times": self.times,
            "match": self.match,
            "status": self.status,
            "seconds": self.seconds,
            "chance": self.chance,
            "headers": self.headers,
            "body": self.body,
        }


def _are_headers(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    pairs = json_object(value).items()
    return all(isinstance(text, str) and text.isprintable() for pair in pairs for text in pair)


@dataclass(slots=True)
class Faults:
    """The active faults."""

    standing: list[Fault] = field(default_factory=list[Fault])

    def add(self, fault: Fault) -> None:
        """Add a fault after those that are active."""
        self.standing.append(fault)

    def clear(self) -> None:
        """End all faults."""
        self.standing.clear()

    def take(self, subject: str, *, webhook: bool, draw: float = 0.0) -> Fault | None:
        """Return the first fault that fits, and use it up by one. `draw` is a random number in [0, 1)."""
        for fault in self.standing:
            fits = fault.kind not in STANDING and fault.is_of_webhooks is webhook and draw < fault.chance
            if fits and re.search(fault.match, subject):
                self._use(fault)
                return fault
        return None

    def has(self, kind: StandingKind, subject: str = "") -> bool:
        """Return whether a lasting fault is active, for what its `match` names."""
        return any(fault.kind == kind and re.search(fault.match, subject) for fault in self.standing)

    def end(self, kind: StandingKind) -> None:
        """End the lasting faults of a kind."""
        self.standing = [fault for fault in self.standing if fault.kind != kind]

    def _use(self, fault: Fault) -> None:
        if fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self.standing.remove(fault)
