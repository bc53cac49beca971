"""Says what became of a webhook that `vedette trigger` has sent."""

from dataclasses import dataclass
from typing import Any

from console.rendering.formatting import duration, said_of, state_of
from vedette.admin.deliveries import DeliveryWithRuns


@dataclass(frozen=True)
class TriggerOutcome:
    """A delivery after some seconds."""

    workers: int
    """Workers that are alive."""
    found: DeliveryWithRuns | None
    """None if the delivery is not in the Redis of the settings here."""
    problem: str = ""
    """Why it could not be looked at."""


def outcome_object(outcome: TriggerOutcome) -> dict[str, Any]:
    """Return an outcome as JSON."""
    if outcome.found is None:
        return {"state": None, "runs": []}
    delivery, runs = outcome.found
    shown = [{"handler": run.name, "state": run.state, "did": list(run.did), "error": run.error} for run in runs]
    return {"state": state_of(delivery, runs), "runs": shown}


def outcome_lines(outcome: TriggerOutcome) -> list[str]:
    """Return an outcome as sentences."""
    if outcome.problem:
        return [f"  What becomes of it cannot be seen from here: Redis does not answer ({outcome.problem})"]
    if outcome.found is None:
        return ["  What becomes of it cannot be seen from here: the receiver has another Redis than the settings here"]
    delivery, runs = outcome.found
    if delivery.quarantined is not None:
        return [f"  quarantined: {delivery.quarantined}. No handler sees it."]
    if delivery.handlers is None:
        waits = (
            "no worker is running: `vedette worker` starts one" if not outcome.workers else "no worker has taken it yet"
        )
        return [f"  stored; {waits}"]
    if not delivery.handlers:
        return [f"  no handler asks for it: `vedette explain {delivery.id}` says why"]
    lines: list[str] = []
    for run in runs:
        took = f", {duration(run.took)}" if run.took is not None else ""
        lines.append(f"  {run.name}: {said_of(run) or run.state} ({run.state}{took})")
    return lines
