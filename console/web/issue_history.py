"""Joins the deliveries and the audit entries of an issue into one history."""

from collections.abc import Sequence
from dataclasses import dataclass

from console.web.delivery_rows import DeliveryRow
from console.web.effects import Effect


@dataclass(frozen=True)
class HistoryLine:
    """One line of an issue's history."""

    at: int
    """Unix time in milliseconds."""
    word: str
    tone: str
    who: str
    sentence: str
    because: str
    delivery: str
    effect: Effect | None = None


def make_history(rows: Sequence[DeliveryRow], effects: Sequence[Effect]) -> list[HistoryLine]:
    """Return the history, the newest first; deliveries with effects of their own are represented by those."""
    told = {effect.delivery for effect in effects if effect.delivery and effect.kind == "call"}
    events = [_of_effect(effect) for effect in effects]
    events += [_of_row(row) for row in rows if row.id not in told]
    return sorted(events, key=lambda event: -event.at)


def _of_effect(effect: Effect) -> HistoryLine:
    says = effect.sentence if effect.kind == "order" else f"{effect.sentence} ({effect.decision})"
    result = f", {effect.result}" if effect.result not in {"", "done"} else ""
    return HistoryLine(
        effect.at, effect.word, effect.tone, effect.who, f"{says}{result}", effect.because, effect.delivery, effect
    )


def _of_row(row: DeliveryRow) -> HistoryLine:
    return HistoryLine(row.accepted, row.state, row.tone, ", ".join(row.handlers), row.sentence, row.event, row.id)
