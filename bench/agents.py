"""Agents beside handlers at one rate limit: whether busy agents make handlers wait, and how many answers are 429.

    python bench/agents.py [--quick] [--json]

A process of handlers calls a simulated Sentry (40 calls a second, 25 at once) alone, and then beside three processes of
agents at full speed, in turns; once with handlers at full speed, and once with handlers that use half of the allowance.
"""

import argparse
import json
import math
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench.api import process, server, valkey  # noqa: E402  # found through the line above when run as a script

AGENTS = 3
LOADS = {"full": (12, 0.0), "half": (2, 0.0)}
"""Name -> tasks of the handlers, and seconds that each rests; Sentry takes 0.1 s for an answer."""
_AGENT_TASKS = 8
_LEAD = 10
"""Seconds that the processes have to start."""


def flood(stack: ExitStack, url: str, redis_url: str, start: int, seconds: int, *more: str) -> Any:
    """A process that calls in one lane."""
    part = ROOT / "bench/api_parts/lane_flood.py"
    return stack.enter_context(process(sys.executable, part, url, redis_url, str(start), str(seconds), *more))


def turn(url: str, redis_url: str, seconds: int, load: str, agents: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What the handlers saw, and what each agent."""
    tasks, rest = LOADS[load]
    start = math.ceil(time.time()) + _LEAD
    with ExitStack() as stack:
        handlers = flood(stack, url, redis_url, start, seconds, "WEBHOOK", str(tasks), str(rest))
        others = [flood(stack, url, redis_url, start, seconds, "AGENT", str(_AGENT_TASKS), "0") for _ in range(agents)]
        read = [json.loads(each.communicate(timeout=seconds + 120)[0]) for each in (handlers, *others)]
    return read[0], read[1:]


def percentile(waits: list[float], share: float) -> float:
    """A percentile, in milliseconds."""
    return sorted(waits)[min(len(waits) - 1, int(len(waits) * share))] * 1000


def measure(load: str, *, quick: bool) -> list[dict[str, Any]]:
    """The results of one load."""
    seconds, rounds = (6, 1) if quick else (15, 3)
    alone: list[dict[str, Any]] = []
    beside: list[dict[str, Any]] = []
    agents: list[dict[str, Any]] = []
    for _ in range(rounds):
        with valkey() as redis_url, server("limited") as url:
            alone.append(turn(url, redis_url, seconds, load, 0)[0])
        with valkey() as redis_url, server("limited") as url:
            handlers, others = turn(url, redis_url, seconds, load, AGENTS)
            beside.append(handlers)
            agents += others
    ours, other = ([wait for each in seen for wait in each["waits"]] for seen in (beside, alone))
    answers = sum(each["answered"] + each["limited"] for each in (*beside, *agents))
    limited = sum(each["limited"] for each in (*beside, *agents))
    calls, before = (float(sum(each["answered"] for each in seen)) for seen in (beside, alone))
    return [
        line(f"agents.{load}.handlers_wait_p50 (other: alone)", percentile(ours, 0.5), percentile(other, 0.5), "ms"),
        line(f"agents.{load}.handlers_wait_p99 (other: alone)", percentile(ours, 0.99), percentile(other, 0.99), "ms"),
        line(f"agents.{load}.handlers_calls (other: alone)", calls, before, "calls"),
        line(
            f"agents.{load}.all_calls (other: of handlers)", answers, sum(each["answered"] for each in beside), "calls"
        ),
        line(f"agents.{load}.429 (other: all answers)", limited, answers, "answers"),
    ]


def line(name: str, ours: float, other: float, unit: str) -> dict[str, Any]:
    """One result."""
    ratio = round(ours / other, 4) if other else None
    return {"name": name, "ours": round(ours, 3), "other": round(other, 3), "ratio": ratio, "unit": unit}


def main() -> None:
    """Run, and print a line for each result."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="under a minute")
    parser.add_argument("--json", action="store_true", help="one object a line")
    options = parser.parse_args()
    for load in LOADS:
        for result in measure(load, quick=options.quick):
            if options.json:
                print(json.dumps(result))
            else:
                values = f"{result['ours']:>10} {result['other']:>10} {result['unit']:<8} x{result['ratio']}"
                print(f"{result['name']:<48} {values}", flush=True)


if __name__ == "__main__":
    main()
