"""Identifies the callers of Sentry."""

from dataclasses import dataclass
from typing import Final, Literal, cast, get_args

PrincipalKind = Literal["handler", "agent", "person"]
_KINDS: Final[tuple[str, ...]] = get_args(PrincipalKind)


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller of Sentry: a handler, an agent or a person."""

    kind: PrincipalKind
    name: str

    @property
    def key(self) -> str:
        """The key of its budgets, pauses, proposals and audit entries: a handler's name, else `KIND:NAME`."""
        return self.name if self.kind == "handler" else f"{self.kind}:{self.name}"

    @property
    def label(self) -> str:
        """The principal in a sentence: a handler's name, else the kind and the name."""
        return self.name if self.kind == "handler" else f"{self.kind} {self.name}"

    @classmethod
    def from_key(cls, key: str) -> "Principal":
        """Return the principal with this key; the names of handlers contain no colon."""
        kind, separator, name = key.partition(":")
        if separator and kind in _KINDS:
            return cls(cast("PrincipalKind", kind), name)
        return cls("handler", key)

    def __str__(self) -> str:
        return self.key
