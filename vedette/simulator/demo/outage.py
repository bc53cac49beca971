"""Simulates a time in which no webhook was received."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from vedette.simulator.demo.demo import Demonstration

if TYPE_CHECKING:
    from vedette.simulator.world.world import World

PACE = 60.0
"""Seconds between two incidents, on average."""
QUIET = timedelta(minutes=5)
"""The time at the end in which nothing happens: the newest webhooks may still be in transit."""


def live_through(world: World, seconds: float) -> None:
    """Let the incidents of a time before now happen; the world has no listener yet, so that no webhook is sent."""
    clock = world.clock
    now = clock()
    moment = now - timedelta(seconds=seconds)
    world.clock = lambda: moment
    demonstration = Demonstration(world)
    try:
        while moment < now - QUIET:
            demonstration.step()
            moment += timedelta(seconds=PACE * world.random.uniform(0.5, 1.5))
    finally:
        world.clock = clock
