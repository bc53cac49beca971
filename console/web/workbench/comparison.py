"""Re-decides the newest deliveries by a draft, and compares it with the rules in force."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from console.web.workbench.recent_subjects import RecentSubject
from vedette.rules import Engine, Rule, RuleSet
from vedette.rules.engine.decision import Decision
from vedette.search import Verdict

Change = Literal["new", "lost", "changed", "same"]
_SHOWN: Final = 50
_BATCH: Final = 25
"""Deliveries after which other requests get their turn."""


@dataclass(frozen=True)
class ComparedDelivery:
    """A delivery on which a draft or the rules in force match."""

    recent: RecentSubject
    change: Change
    draft: tuple[str, ...]
    """The rules of the draft that match."""
    in_force: tuple[str, ...]
    """The rules in force that match."""


@dataclass(frozen=True)
class RuleComparison:
    """A draft beside the rules in force."""

    looked: int
    """Deliveries that were decided."""
    undecided: int
    """Those for which a rule of the draft asks for a fact that only Sentry has."""
    counts: dict[Change, int]
    rows: Sequence[ComparedDelivery]
    """What differs first, then what is the same; at most fifty."""


async def compare_rules(draft: RuleSet, in_force: RuleSet, recent: Sequence[RecentSubject]) -> RuleComparison:
    """Decide each delivery by both, without asking Sentry, and compare the rules that match and their actions."""
    ours, theirs = Engine(draft), Engine(in_force)
    counts: dict[Change, int] = {"new": 0, "lost": 0, "changed": 0, "same": 0}
    found: list[ComparedDelivery] = []
    undecided = 0
    for place, one in enumerate(recent):
        if place % _BATCH == 0:
            await asyncio.sleep(0)
        mine, before = await ours.decide(one.subject), await theirs.decide(one.subject)
        undecided += _is_undecided(mine)
        if mine.matched or before.matched:
            change = _change(mine.matched, before.matched)
            counts[change] += 1
            found.append(ComparedDelivery(one, change, _names(mine.matched), _names(before.matched)))
    found.sort(key=lambda one: one.change == "same")
    return RuleComparison(len(recent), undecided, counts, found[:_SHOWN])


def _change(draft: tuple[Rule, ...], in_force: tuple[Rule, ...]) -> Change:
    if not in_force:
        return "new"
    if not draft:
        return "lost"
    return "same" if _actions(draft) == _actions(in_force) else "changed"


def _actions(rules: tuple[Rule, ...]) -> list[tuple[object, object]]:
    return [(rule.mode, rule.then) for rule in rules]


def _names(rules: tuple[Rule, ...]) -> tuple[str, ...]:
    return tuple(rule.name for rule in rules)


def _is_undecided(decision: Decision) -> bool:
    return any(one.verdict is Verdict.UNKNOWN and not one.reason for one in decision)
