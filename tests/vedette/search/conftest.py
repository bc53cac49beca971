"""Sample events as facts, at a fixed moment."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from vedette.events import parse, samples
from vedette.search import Facts, facts_of

# The samples' issue was first seen on this day at 06:12, its latest event came at 09:47.
NOW = datetime(2026, 10, 4, 12, 0, tzinfo=UTC)

FactsFor = Callable[..., Facts]


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def facts_for() -> FactsFor:
    """Facts of a sample, with values replaced as `samples.build` does."""

    def build(name: str, **overrides: object) -> Facts:
        return facts_of(parse(samples.resource_of(name), samples.build(name, **overrides)), now=NOW)

    return build
