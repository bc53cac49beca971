"""Describes calls in the audit as effects: a sentence, the fields before and after, and whether they can be undone."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from console.rendering.audit_table import because_of, who_of
from vedette._core.json_values import json_object
from vedette._core.printable import cropped
from vedette.access.undo import can_be_undone
from vedette.admin.audit import AuditLine
from vedette.store.access.proposals import Proposal

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST: Final = 400
_WORDS: Final = {
    "granted": "acted",
    "approved": "acted",
    "undone": "acted",
    "proposed": "proposed",
    "observed": "observed",
    "denied": "denied",
    "paused": "denied",
    "rejected": "nothing",
}
_TONES: Final = {
    "acted": "good",
    "proposed": "ask",
    "observed": "calm",
    "denied": "warn",
    "failed": "bad",
    "ordered": "",
}


@dataclass(frozen=True)
class FieldChange:
    """A field of an issue, before and after."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Effect:
    """An entry of the audit, as people read it."""

    entry: int
    at: int
    """Unix time in milliseconds."""
    who: str
    sentence: str
    because: str
    decision: str
    result: str
    word: str
    """`acted`, `proposed`, `observed`, `denied`, `failed`, `ordered`."""
    tone: str
    changes: tuple[FieldChange, ...]
    can_undo: bool
    issue: str
    delivery: str
    kind: str
    """`call` or `order`."""


def make_effect(line: AuditLine) -> Effect:
    """Return an entry with its outcome as an effect."""
    entry = line.entry
    word = _word(line)
    return Effect(
        entry=entry.number,
        at=entry.at,
        who=who_of(entry),
        sentence=entry.text("intent"),
        because=because_of("", entry.text("because")),
        decision=entry.text("decision"),
        result=line.result,
        word=word,
        tone=_TONES.get(word, ""),
        changes=changes_of(line),
        can_undo=entry.kind == "call" and not can_be_undone(entry, line.outcome),
        issue=entry.text("label") or entry.text("issue"),
        delivery=entry.text("delivery"),
        kind=entry.kind,
    )


def changes_of(line: AuditLine) -> tuple[FieldChange, ...]:
    """Return the fields that a call set, before and after."""
    before = json_object(line.entry.facts.get("before"))
    after = json_object(line.outcome.facts.get("after")) if line.outcome else {}
    after = after or json_object(line.entry.facts.get("after"))
    return tuple(FieldChange(name, _text(before.get(name)), _text(value)) for name, value in sorted(after.items()))


def changes_of_proposal(proposal: Proposal) -> tuple[FieldChange, ...]:
    """Return the fields that a proposed write would set, before and after; before it of one issue alone."""
    known = list(proposal.before.values())
    before: Mapping[str, Any] = known[0] if len(known) == 1 else {}
    after = sorted((proposal.body or {}).items())
    return tuple(FieldChange(name, _text(before.get(name)) if before else "", _text(value)) for name, value in after)


def _word(line: AuditLine) -> str:
    if line.entry.kind != "call":
        return "ordered"
    first = line.entry.text("decision").partition(" ")[0].rstrip(":,")
    word = _WORDS.get(first, "denied")
    return "failed" if word == "acted" and line.result.startswith("refused") else word


def _text(value: Any) -> str:
    """Return a value of a field as a short text."""
    if value is None or value == "":
        return "nobody" if value is None else "nothing"
    if isinstance(value, str):
        return cropped(value, _LONGEST)
    found = json_object(value)
    name = found.get("name") or found.get("email") or found.get("slug")
    return str(name)[:_LONGEST] if isinstance(name, str) else cropped(json.dumps(value, ensure_ascii=False), _LONGEST)
