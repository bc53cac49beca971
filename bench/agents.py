"""Agents beside handlers at one rate limit: whether busy agents make handlers wait, and how many answers are 429.

    python bench/agents.py [--quick] [--json]

A process of handlers calls a simulated Sentry (40 calls a second, 25 at once) alone, and then beside three processes of
agents at full speed, in turns. Handlers at full speed are judged: less than 1 % of the answers may be 429, and the 99th
percentile of the handlers' waits may be a tenth longer. Handlers that use half of the allowance are shown as well. It
takes at most three minutes, with --quick 40 seconds; it exits with 1 if a figure is missed, and with 2 if there were
too few calls to judge one.
"""

import argparse
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench.api import ALLOWED, flood, server, valkey  # noqa: E402  # found through the line above when run as a script

AGENTS = 3
LOADS = {"full": (12, 0.0), "half": (2, 0.0)}
"""Name -> tasks of the handlers, and seconds that each rests; Sentry takes 0.1 s for an answer."""
LONGER = 1.1
"""The 99th percentile of the handlers' waits beside agents may be so much of that alone."""
LIMITED = 0.01
"""The share of the answers that may be 429."""
_AGENT_TASKS = 8
_USED = 0.7
"""The part of the allowance that handlers at full speed have to use, for a verdict on them."""


@dataclass
class Turns:
    """What the handlers saw in all turns of a kind, and the agents."""

    seconds: float = 0.0
    waits: list[float] = field(default_factory=list[float])
    answered: int = 0
    """Answers to handlers that were not 429."""
    answers: int = 0
    """All answers, to agents too."""
    limited: int = 0
    """Those that were 429."""

    def add(self, seconds: float, handlers: dict[str, Any], agents: list[dict[str, Any]]) -> None:
        """Add one turn."""
        self.seconds += seconds
        self.waits += handlers["waits"]
        self.answered += handlers["answered"]
        self.limited += sum(each["limited"] for each in (handlers, *agents))
        self.answers += sum(each["answered"] + each["limited"] for each in (handlers, *agents))

    def percentile(self, share: float) -> float:
        """A percentile of the handlers' waits, in milliseconds."""
        return sorted(self.waits)[min(len(self.waits) - 1, int(len(self.waits) * share))] * 1000 if self.waits else 0.0


def turn(seconds: int, load: str, agents: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What the handlers saw, and what each agent, in processes of their own at a new limit."""
    tasks, rest = LOADS[load]
    lanes = [("WEBHOOK", str(tasks), str(rest)), *[("AGENT", str(_AGENT_TASKS), "0")] * agents]
    with valkey() as redis_url, server("limited") as url:
        read = flood(url, redis_url, seconds, lanes)
    return read[0], read[1:]


def measure(load: str, seconds: int, rounds: int) -> tuple[Turns, Turns]:
    """The turns of handlers alone, and those beside agents; every second round begins with the latter."""
    alone, beside = Turns(), Turns()
    for number in range(rounds):
        kinds = [(alone, 0), (beside, AGENTS)]
        for turns, agents in kinds if number % 2 == 0 else reversed(kinds):
            turns.add(seconds, *turn(seconds, load, agents))
    return alone, beside


def figures(load: str, alone: Turns, beside: Turns) -> list[dict[str, Any]]:
    """The figures of a load; those of handlers at full speed with the bound that they have to hold."""
    is_judged = load == "full"
    return [
        line(load, "handlers_wait_p50 (other: alone)", beside.percentile(0.5), alone.percentile(0.5), "ms"),
        line(
            load,
            "handlers_wait_p99 (other: alone)",
            beside.percentile(0.99),
            alone.percentile(0.99),
            "ms",
            LONGER if is_judged else None,
        ),
        line(load, "handlers_calls (other: alone)", beside.answered, alone.answered, "calls"),
        line(load, "all_calls (other: of handlers)", beside.answers, beside.answered, "calls"),
        line(
            load, "429 (other: all answers)", beside.limited, beside.answers, "answers", LIMITED if is_judged else None
        ),
    ]


def line(load: str, name: str, ours: float, other: float, unit: str, bound: float | None = None) -> dict[str, Any]:
    """One figure, with the greatest ratio that is allowed."""
    ratio = ours / other if other else 0.0
    shown = {
        "name": f"agents.{load}.{name}",
        "ours": round(ours, 3),
        "other": round(other, 3),
        "ratio": round(ratio, 4),
    }
    return {**shown, "unit": unit, "bound": bound, "holds": None if bound is None else ratio <= bound}


def problem_of(load: str, alone: Turns, beside: Turns) -> str:
    """Why the turns allow no verdict; empty if they do."""
    for turns in (alone, beside):
        least = turns.seconds * ALLOWED * _USED
        if load == "full" and turns.answered < least:
            return (
                f"only {turns.answered} calls of handlers were answered, of at least {least:.0f}: the machine is busy"
            )
    return ""


def main() -> int:
    """Run, print a line for each figure, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="40 seconds: one round, and only handlers at full speed")
    parser.add_argument("--json", action="store_true", help="one object a line")
    options = parser.parse_args()
    code = 0
    for load, seconds, rounds in (("full", 12, 1),) if options.quick else (("full", 10, 3), ("half", 8, 1)):
        alone, beside = measure(load, seconds, rounds)
        for found in figures(load, alone, beside):
            if options.json:
                print(json.dumps(found), flush=True)
            else:
                verdict = {None: "", True: f"at most x{found['bound']}", False: f"MISSED: at most x{found['bound']}"}
                values = f"{found['ours']:>10} {found['other']:>10} {found['unit']:<8} x{found['ratio']:<8}"
                print(f"{found['name']:<46} {values} {verdict[found['holds']]}".rstrip(), flush=True)
            if found["holds"] is False:
                code = 1
        if problem := problem_of(load, alone, beside):
            print(f"There is no verdict: {problem}", file=sys.stderr)
            code = 2
    return code


if __name__ == "__main__":
    sys.exit(main())
