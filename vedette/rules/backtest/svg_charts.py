"""Computes the bar charts of the report page; the page's template draws them as SVG."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from vedette.rules.backtest.agreement import AgreementOutcome, Share

_WIDTH: Final = 640
_LABEL: Final = 190
_ROW: Final = 30
_BAR: Final = 16
_MOST_LETTERS: Final = 22
"""Letters of a rule's name that fit beside its bar; the whole name is in the table and in the tooltip."""
_HEAD: Final = 24
"""Height above the columns of days, for the highest number."""
OUTCOME_LABELS: Final = {
    AgreementOutcome.AGREED: "people did the same",
    AgreementOutcome.DISAGREED: "people did something else",
    AgreementOutcome.NOBODY: "nobody acted",
    AgreementOutcome.ALREADY: "it was so already",
    AgreementOutcome.UNCLEAR: "cannot be compared",
}


@dataclass(frozen=True, slots=True)
class ChartBar:
    """A rectangle with a tooltip."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    """Its CSS class."""
    title: str


@dataclass(frozen=True, slots=True)
class ChartLine:
    """A line of a confidence interval."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class ChartText:
    """A text, with a tooltip if it is cropped."""

    x: float
    y: float
    text: str
    title: str = ""
    is_small: bool = True
    is_right_aligned: bool = False


@dataclass(slots=True)
class Chart:
    """The shapes of a chart."""

    label: str
    """The description for screen readers."""
    height: float
    width: float = _WIDTH
    bars: list[ChartBar] = field(default_factory=list[ChartBar])
    lines: list[ChartLine] = field(default_factory=list[ChartLine])
    texts: list[ChartText] = field(default_factory=list[ChartText])

    def add_bar(self, left: float, top: float, width: float, kind: str, title: str) -> None:
        """Add a bar to the row that begins at a height."""
        self.bars.append(ChartBar(left, top + (_ROW - _BAR) / 2, width, _BAR, kind, title))

    def add_name(self, name: str, top: float) -> None:
        """Add the name of a rule to the left of its row."""
        shown = name if len(name) <= _MOST_LETTERS else f"{name[: _MOST_LETTERS - 1]}…"
        baseline = top + _ROW / 2 + 4
        self.texts.append(ChartText(_LABEL - 10, baseline, shown, name, is_small=False, is_right_aligned=True))

    def add_number(self, left: float, top: float, text: str) -> None:
        """Add a number to the right of a bar."""
        self.texts.append(ChartText(left + 8, top + _ROW / 2 + 4, text))


def draw_outcomes(rows: Sequence[tuple[str, Mapping[AgreementOutcome, int]]]) -> Chart:
    """Draw a bar of each rule's matches, divided by the actions of people."""
    most = max((sum(counts.values()) for _, counts in rows), default=0) or 1
    scale = (_WIDTH - _LABEL - 60) / most
    chart = Chart("Matches of each rule, by the actions of people", len(rows) * _ROW)
    for number, (name, counts) in enumerate(rows):
        top, left = number * _ROW, float(_LABEL)
        chart.add_name(name, top)
        for outcome, label in OUTCOME_LABELS.items():
            width = counts.get(outcome, 0) * scale
            if width:
                chart.add_bar(left, top, width, str(outcome), f"{name}: {label} {counts[outcome]} times")
            left += width
        chart.add_number(left, top, f"{sum(counts.values()):,}")
    return chart


def draw_agreement(rows: Sequence[tuple[str, Share | None]]) -> Chart:
    """Draw a bar of each rule's agreement, with its confidence interval."""
    scale = _WIDTH - _LABEL - 60
    chart = Chart("Agreement of each rule", len(rows) * _ROW)
    for number, (name, share) in enumerate(rows):
        top = number * _ROW
        chart.add_name(name, top)
        if share is None:
            chart.add_number(_LABEL, top, "nobody acted")
            continue
        middle, low, high = top + _ROW / 2, _LABEL + share.low * scale, _LABEL + share.high * scale
        title = f"{name}: {share.share:.1%}, between {share.low:.1%} and {share.high:.1%}"
        chart.add_bar(_LABEL, top, share.share * scale, "agreed", title)
        chart.lines.append(ChartLine(low, middle, high, middle))
        chart.lines += [ChartLine(end, middle - 5, end, middle + 5) for end in (low, high)]
        chart.add_number(_LABEL + scale, top, f"{share.share:.0%}")
    return chart


def draw_days(by_day: Mapping[str, int]) -> Chart | None:
    """Draw a column of each day's matches; None without any."""
    if not by_day:
        return None
    first, last = date.fromisoformat(min(by_day)), date.fromisoformat(max(by_day))
    days = [(first + timedelta(days=number)).isoformat() for number in range((last - first).days + 1)]
    most, height, step = max(by_day.values()), 60 + _HEAD, _WIDTH / len(days)
    chart = Chart("Matches by day", height + 22)
    for number, day in enumerate(days):
        if count := by_day.get(day, 0):
            column = count / most * (height - _HEAD)
            title = f"{day}: {count} matches"
            chart.bars.append(ChartBar(number * step, height - column, max(step - 2, 1), column, "day", title))
    most_day = next(day for day in days if by_day.get(day) == most)
    unit = "match" if most == 1 else "matches"
    chart.texts += [
        ChartText(0, _HEAD - 8, f"{most:,} {unit} at most, on {most_day}"),
        ChartText(0, height + 16, days[0]),
        ChartText(_WIDTH, height + 16, days[-1], is_right_aligned=True),
    ]
    return chart
