"""The plots of a report, as SVG inside the page: three kinds of bars, which no library is worth a download for."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from vedette.rules.backtest.agreement import AgreementOutcome, Share
from vedette.rules.backtest.markup import Markup, element, joined

_WIDTH: Final = 640
_LABEL: Final = 190
_ROW: Final = 30
_BAR: Final = 16
_MOST_LETTERS: Final = 22
"""Letters of a rule's name that fit beside its bar; the whole name is in the table and shows on hovering."""
_HEAD: Final = 24
"""Height above the columns of days, where the highest is told in numbers."""
SHOWN: Final = {
    AgreementOutcome.AGREED: "people did the same",
    AgreementOutcome.DISAGREED: "people did something else",
    AgreementOutcome.NOBODY: "nobody acted",
    AgreementOutcome.ALREADY: "it was so already",
    AgreementOutcome.UNCLEAR: "cannot be compared",
}
"""What outcomes are called."""


def outcome_bars(rows: Sequence[tuple[str, Mapping[AgreementOutcome, int]]]) -> Markup:
    """A bar of each rule's matches, divided by what people did."""
    most = max((sum(counts.values()) for _, counts in rows), default=0) or 1
    scale = (_WIDTH - _LABEL - 60) / most
    parts: list[Markup] = []
    for number, (name, counts) in enumerate(rows):
        top, left = number * _ROW, float(_LABEL)
        parts.append(_label(name, top))
        for outcome, words in SHOWN.items():
            width = counts.get(outcome, 0) * scale
            if width:
                title = element("title", f"{name}: {words} {counts[outcome]} times")
                parts.append(_bar(left, top, width, str(outcome), title))
            left += width
        parts.append(_number(left, top, f"{sum(counts.values()):,}"))
    return _plot(parts, len(rows), "Matches of each rule, and what people did")


def agreement_bars(rows: Sequence[tuple[str, Share | None]]) -> Markup:
    """A bar of each rule's agreement, with the interval that the true figure lies in."""
    scale = _WIDTH - _LABEL - 60
    parts: list[Markup] = []
    for number, (name, share) in enumerate(rows):
        top = number * _ROW
        parts.append(_label(name, top))
        if share is None:
            parts.append(_number(_LABEL, top, "nobody acted"))
            continue
        middle, low, high = top + _ROW / 2, _LABEL + share.low * scale, _LABEL + share.high * scale
        title = element("title", f"{name}: {share.share:.1%}, between {share.low:.1%} and {share.high:.1%}")
        parts.append(_bar(_LABEL, top, share.share * scale, "agreed", title))
        parts.append(element("line", class_="interval", x1=low, x2=high, y1=middle, y2=middle))
        parts += [
            element("line", class_="interval", x1=end, x2=end, y1=middle - 5, y2=middle + 5) for end in (low, high)
        ]
        parts.append(_number(_LABEL + scale, top, f"{share.share:.0%}"))
    return _plot(parts, len(rows), "Agreement of each rule")


def day_columns(by_day: Mapping[str, int]) -> Markup:
    """A column of each day's matches."""
    if not by_day:
        return joined()
    first, last = date.fromisoformat(min(by_day)), date.fromisoformat(max(by_day))
    days = [(first + timedelta(days=number)).isoformat() for number in range((last - first).days + 1)]
    most, height, step = max(by_day.values()), 60 + _HEAD, _WIDTH / len(days)
    parts = [
        element(
            "rect",
            element("title", f"{day}: {by_day[day]} matches"),
            class_="day",
            x=number * step,
            y=height - by_day[day] / most * (height - _HEAD),
            width=max(step - 2, 1),
            height=by_day[day] / most * (height - _HEAD),
        )
        for number, day in enumerate(days)
        if by_day.get(day)
    ]
    most_day = next(day for day in days if by_day.get(day) == most)
    unit = "match" if most == 1 else "matches"
    parts.append(element("text", f"{most:,} {unit} at most, on {most_day}", class_="small", x=0, y=_HEAD - 8))
    parts.append(element("text", days[0], class_="small", x=0, y=height + 16))
    parts.append(element("text", days[-1], class_="small", x=_WIDTH, y=height + 16, text_anchor="end"))
    return _svg(parts, height + 22, "Matches by day")


def _plot(parts: list[Markup], rows: int, label: str) -> Markup:
    return _svg(parts, rows * _ROW, label)


def _svg(parts: list[Markup], height: float, label: str) -> Markup:
    box = f"0 0 {_WIDTH} {height:.0f}"
    return element("svg", *parts, viewBox=box, width=_WIDTH, height=height, role="img", aria_label=label)


def _label(name: str, top: float) -> Markup:
    shown = name if len(name) <= _MOST_LETTERS else f"{name[: _MOST_LETTERS - 1]}…"
    return element("text", shown, element("title", name), x=_LABEL - 10, y=top + _ROW / 2 + 4, text_anchor="end")


def _bar(left: float, top: float, width: float, kind: str, title: Markup) -> Markup:
    return element("rect", title, class_=kind, x=left, y=top + (_ROW - _BAR) / 2, width=width, height=_BAR)


def _number(left: float, top: float, text: str) -> Markup:
    return element("text", text, class_="small", x=left + 8, y=top + _ROW / 2 + 4)
