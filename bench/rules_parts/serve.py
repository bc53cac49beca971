"""A simulated organization with a history, as a process: prints its address and the seeded issues."""

import asyncio
import json
import logging
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from vedette._core.logging_setup import configure_logging
from vedette.simulator import World
from vedette.simulator.demo.history import seed_history
from vedette.simulator.demo.shop import build_shop
from vedette.simulator.process import SimulatorOptions, serve

ORGANIZATION = "harbour-shop"
TOKEN = "sntryi_" + "b" * 64
SEED = 1


def main() -> None:
    """Serve until ended."""
    configure_logging(level=logging.WARNING)
    issues = int(sys.argv[1])
    world = World(seed=SEED)
    build_shop(world)
    truth = seed_history(world, issues, seed=SEED).as_json()
    del world

    def ready(url: str) -> None:
        print(json.dumps({"url": url, "truth": truth}), flush=True)

    options = SimulatorOptions(
        organization=ORGANIZATION, token=TOKEN, past=issues, seed=SEED, demonstration=False, ready=ready
    )
    asyncio.run(serve(options))


if __name__ == "__main__":
    main()
