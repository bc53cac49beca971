"""Every delivery ends handled, dead or discarded, and as its handlers say, whatever goes wrong meanwhile.

200 random programs, or with VEDETTE_FULL=1 5,000, in batches that share their processes: a real receiver, two
real workers and a real server are killed, and the workers' clocks jump by hours, while the programs run.
"""

import asyncio
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.scenarios.workers.invariant_programs import Batch, batches
from tests.scenarios.workers.invariant_world import World, run_batch

IN_FULL = os.environ.get("VEDETTE_FULL") == "1"
SIZE = 25
"""Programs in a batch."""
PROGRAMS = 5_000 if IN_FULL else 200


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("world"))
    yield made
    made.close()


@pytest.mark.alone
@pytest.mark.timeout(4 * 3600 if IN_FULL else 900)
@given(batch=batches(SIZE))
@settings(
    max_examples=PROGRAMS // SIZE,
    deadline=None,
    derandomize=not IN_FULL,
    database=None,
    # A batch takes seconds and the processes live on, so that a smaller one would prove nothing about a failure.
    phases=[Phase.generate],
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
def test_no_delivery_is_left_in_between_or_ends_otherwise_than_it_should(world: World, batch: Batch) -> None:
    asyncio.run(run_batch(world, batch))
