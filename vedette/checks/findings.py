"""Defines the finding of a check, which the command line, the watchdog and messages to channels share."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self, get_args

from vedette._core.printable import printable

State = Literal["ok", "warn", "broken", "unknown"]
STATES: tuple[State, ...] = get_args(State)
_SEVERITY: Mapping[State, int] = {"ok": 0, "unknown": 1, "warn": 1, "broken": 2}


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check.

    No text in it has a secret: it is printed, sent to channels and stored.
    """

    check: str
    """The id of the check, such as `token`."""
    state: State
    """`ok`, `warn` (works, with a limitation), `broken`, or `unknown` (for the reason in `says`)."""
    says: str
    """The state in one sentence, without a full stop."""
    mend: tuple[str, ...] = ()
    """The steps that mend it, in order, each an imperative sentence; empty where nothing has to be done."""
    evidence: Mapping[str, str] = field(default_factory=dict[str, str])
    """The observed values by name, for people who ask for details and for Sentry's support."""
    integration: str = ""
    """The integration that it concerns; empty if it concerns all."""
    cause: str = ""
    """The id of the diagnosis, such as `secret_rotated`, where a check has several causes."""

    def __post_init__(self) -> None:
        """Make texts from Sentry, servers and files harmless for a terminal."""
        object.__setattr__(self, "says", printable(self.says))
        object.__setattr__(self, "mend", tuple(printable(step) for step in self.mend))
        object.__setattr__(self, "evidence", {name: printable(text) for name, text in self.evidence.items()})

    @property
    def severity(self) -> int:
        """0 for `ok`, 1 for `warn` and `unknown`, 2 for `broken`: also the exit code of `vedette doctor`."""
        return _SEVERITY[self.state]

    def as_json(self) -> dict[str, Any]:
        """Return the finding for programs and for storage."""
        return {
            "check": self.check,
            "integration": self.integration,
            "state": self.state,
            "cause": self.cause,
            "says": self.says,
            "mend": list(self.mend),
            "evidence": dict(self.evidence),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Return the finding that `as_json` wrote.

        Raises:
            KeyError: a field is missing.
            ValueError: the state is not one of `STATES`.
        """
        if value["state"] not in STATES:
            raise ValueError(f"no state of a finding: {value['state']!r}")
        return cls(
            check=str(value["check"]),
            state=value["state"],
            says=str(value["says"]),
            mend=tuple(str(step) for step in value["mend"]),
            evidence={str(name): str(text) for name, text in dict(value["evidence"]).items()},
            integration=str(value["integration"]),
            cause=str(value["cause"]),
        )


def worst_severity(findings: Iterable[Finding]) -> int:
    """Return the largest severity; 0 without findings."""
    return max((finding.severity for finding in findings), default=0)
