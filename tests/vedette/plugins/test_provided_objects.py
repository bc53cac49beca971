"""Objects of providers: made once, when first needed, closed at the end in the reverse order."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Generator
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from vedette import provide
from vedette.events.catalog import known_names
from vedette.plugins.handler import Handler, make_handler
from vedette.plugins.provided_objects import ProvidedObjects, ProvideError

happened: list[str] = []
failures: list[BaseException] = []


@pytest.fixture(autouse=True)
def nothing_happened() -> None:
    happened.clear()
    failures.clear()


@provide
async def pool(log: Any) -> AsyncGenerator[str]:
    async with asyncio.timeout(60):
        happened.append(f"pool opened, knowing of {structlog.contextvars.get_contextvars()}")
        await asyncio.sleep(0)
        yield "a pool"
        happened.append("pool closed")


@provide
def slack(pool: str) -> Generator[str]:
    assert threading.current_thread() is not threading.main_thread()
    happened.append("slack opened")
    yield f"slack over {pool}"
    happened.append("slack closed")


@provide
async def plain() -> str:
    happened.append("plain")
    return "plain"


@provide
def fragile() -> str:
    if failures:
        raise failures.pop()
    return "whole"


@provide
def above(fragile: str) -> str:
    return f"above {fragile}"


@provide
async def slow() -> None:
    await asyncio.sleep(60)


@provide
async def loud() -> AsyncGenerator[str]:
    yield "loud"
    raise ValueError("cannot close")


async def everything(slack: str, pool: str, plain: str) -> None: ...
async def needs_above(above: str) -> None: ...
async def needs_slow(slow: None) -> None: ...
async def needs_loud(loud: str, pool: str) -> None: ...


def handler(function: Any) -> Handler:
    return make_handler("handler", function, ("*",), "here", "act", frozenset(known_names()))


async def test_each_is_made_once_for_all_and_closed_in_the_reverse_order() -> None:
    objects = ProvidedObjects(5)
    with structlog.contextvars.bound_contextvars(delivery="1"):
        found = await asyncio.gather(*(objects.resolve(handler(everything)) for _ in range(20)))
    assert found == [{"slack": "slack over a pool", "pool": "a pool", "plain": "plain"}] * 20
    assert happened == ["pool opened, knowing of {}", "slack opened", "plain"]
    await objects.close()
    assert happened[3:] == ["slack closed", "pool closed"]


async def test_nothing_is_made_before_it_is_needed() -> None:
    objects = ProvidedObjects(5)
    handler(everything)
    await objects.close()
    assert happened == []


@pytest.mark.parametrize("failure", [ConnectionError("away"), SystemExit(3), StopIteration()])
async def test_one_that_could_not_be_made_is_named_and_made_at_the_next_use(failure: BaseException) -> None:
    objects = ProvidedObjects(5)
    failures.append(failure)
    with pytest.raises(ProvideError, match=r"the provider above made nothing: the provider fragile made nothing: \w+"):
        await objects.resolve(handler(needs_above))
    assert await objects.resolve(handler(needs_above)) == {"above": "above whole"}
    await objects.close()


async def test_one_that_takes_too_long_is_named() -> None:
    objects = ProvidedObjects(0.02)
    with pytest.raises(ProvideError, match=r"the provider slow made nothing: it took longer than 0.02 s"):
        await objects.resolve(handler(needs_slow))
    await objects.close()


async def test_who_is_cut_off_while_waiting_takes_nothing_away_from_others() -> None:
    objects = ProvidedObjects(5)
    first = asyncio.create_task(objects.resolve(handler(everything)))
    await asyncio.sleep(0)
    first.cancel()
    assert (await objects.resolve(handler(everything)))["plain"] == "plain"
    assert happened.count("slack opened") == 1
    await objects.close()


async def test_one_that_does_not_close_is_told_and_the_others_are_closed() -> None:
    objects = ProvidedObjects(5)
    await objects.resolve(handler(needs_loud))
    with capture_logs() as lines:
        await objects.close()
    assert [(line["event"], line["provider"]) for line in lines] == [("a provider did not close", "loud")]
    assert happened[-1] == "pool closed"


async def test_at_the_end_one_that_is_being_made_is_given_up() -> None:
    objects = ProvidedObjects(60)
    waiting = asyncio.create_task(objects.resolve(handler(needs_slow)))
    await asyncio.sleep(0.01)
    await objects.close()
    waiting.cancel()
    await asyncio.wait({waiting})


async def test_what_is_given_is_not_made() -> None:
    objects = ProvidedObjects(5, {"slack": "a fake"})
    assert (await objects.resolve(handler(everything)))["slack"] == "a fake"
    assert "slack opened" not in happened
    await objects.close()
