import asyncio

from workers.broker.in_flight import InFlightLimit


async def test_queues_share_the_places() -> None:
    places = InFlightLimit(64)
    places.sharers = 2
    assert [await places.reserve(0), await places.reserve(0)] == [32, 16]


async def test_all_places_are_taken_although_few_are_free() -> None:
    places = InFlightLimit(8)
    places.sharers = 2
    taken = 0
    while taken < 8:
        taken += await places.reserve(60)
    assert await places.reserve(0) == 0


async def test_an_end_ends_the_wait() -> None:
    places = InFlightLimit(4)
    assert await places.reserve(0) == 4
    waiting = [asyncio.create_task(places.reserve(60)) for _ in range(2)]
    await asyncio.sleep(0)
    places.release()
    done, _ = await asyncio.wait(waiting, timeout=60, return_when=asyncio.FIRST_COMPLETED)
    assert sum(task.result() for task in done) == 1
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)


async def test_a_wait_in_vain_reserves_nothing() -> None:
    places = InFlightLimit(1)
    assert await places.reserve(0) == 1
    assert await places.reserve(0.01) == 0
    places.release()
    assert await places.reserve(0) == 1
