"""Judges the results of bench/deliveries.py by the figures to hold."""

from dataclasses import dataclass, field

from bench.delivery_parts.rounds import Figures

WORKER_SHARES = {"unwanted": 0.3, "no-op": 0.3, "no match": 0.4, "one write": 0.3}
"""A worker's processor time for a delivery, as a share of that at the commit before."""
VALKEY_SHARE = 0.5
MOST_COMMANDS = {"no-op": 40, "one write": 75}
"""Commands of Valkey: 30 and 60 for a delivery's handling, and those that queues and heartbeats take besides."""
MOST_CALLS = {"no-op": 900, "one write": 3500}
"""Python calls of a worker."""
RATES_TO_PEERS = {"taskiq-redis": 1.2, "dramatiq": 2.5, "saq": 2.5}
NO_OP_RATE = 1500.0


@dataclass
class Results:
    """What was measured."""

    figures: dict[tuple[str, str], Figures] = field(default_factory=dict[tuple[str, str], Figures])
    """By case and system."""
    calls: dict[tuple[str, str], float] = field(default_factory=dict[tuple[str, str], float])
    """Python calls by case and system."""
    latencies: dict[str, tuple[float, float]] = field(default_factory=dict[str, tuple[float, float]])
    """p50 and p99 by system, in milliseconds."""


def missed(results: Results) -> list[str]:
    """Return a sentence for each figure that misses its goal; figures that were not measured are not judged."""
    return [*_against_before(results), *_against_peers(results), *_alone(results)]


def _against_before(results: Results) -> list[str]:
    sentences: list[str] = []
    for case, share in WORKER_SHARES.items():
        ours, before = results.figures.get((case, "ours")), results.figures.get((case, "before"))
        if ours is None or before is None:
            continue
        for name, found, bound in (
            ("workers", ours.worker / before.worker, share),
            ("Valkey", ours.valkey / before.valkey, VALKEY_SHARE),
        ):
            if found > bound:
                sentences.append(
                    f"{case}: {name} take {found:.2f} of the time before, and at most {bound:g} is the goal"
                )
    return sentences


def _against_peers(results: Results) -> list[str]:
    sentences: list[str] = []
    ours = results.figures.get(("one write", "ours"))
    for peer, factor in RATES_TO_PEERS.items():
        other = results.figures.get(("one write", peer))
        if ours is not None and other is not None and ours.rate < factor * other.rate:
            ratio = ours.rate / other.rate
            sentences.append(f"one write: {ratio:.2f} of the rate of {peer}, and at least {factor:g} is the goal")
    late = {name: found[1] for name, found in results.latencies.items() if name != "before"}
    if late and late.get("ours", 0.0) > min(late.values()):
        best = min(late, key=lambda name: late[name])
        sentences.append(f"latency: p99 is {late['ours']:.1f} ms, and that of {best} is {late[best]:.1f} ms")
    return sentences


def _alone(results: Results) -> list[str]:
    sentences: list[str] = []
    no_op = results.figures.get(("no-op", "ours"))
    if no_op is not None and no_op.rate < NO_OP_RATE:
        sentences.append(f"no-op: {no_op.rate:.0f} deliveries a second, and at least {NO_OP_RATE:g} is the goal")
    for case, most in MOST_CALLS.items():
        calls = results.calls.get((case, "ours"), 0.0)
        if calls > most:
            sentences.append(f"{case}: {calls:.0f} Python calls, and at most {most} is the goal")
    for case, most in MOST_COMMANDS.items():
        found = results.figures.get((case, "ours"))
        if found is not None and found.commands > most:
            sentences.append(f"{case}: {found.commands:.1f} commands of Valkey, and at most {most} is the goal")
    return sentences
