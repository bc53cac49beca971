"""Listings of deliveries and runs: their filters, their pages, and how many round trips each takes."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.counting_client import count_trips
from tests.stored_world import StoredWorld
from vedette.admin.dead_letters import count_dead_letters, page_dead_letters
from vedette.admin.deliveries import (
    count_deliveries,
    issues_called,
    list_deliveries,
    list_runs,
    page_deliveries,
    page_runs,
)
from vedette.admin.filters import DeliveryFilter
from vedette.admin.names import UnknownNameError
from vedette.admin.session import AdminSession
from vedette.store.search.cursor import InvalidCursorError
from vedette.store.server.client import RedisClient

Record = Callable[..., str]


async def test_deliveries_are_found_by_id_and_short_id(session: AdminSession, record: Record) -> None:
    wanted = record("SHOP-4K", "31", triage={"state": "done"})
    record("SHOP-5", "32", triage={"state": "dead"})
    for issue in ("31", "shop-4k"):
        ((delivery, runs),) = await list_deliveries(session, DeliveryFilter(issue=issue))
        assert (delivery.id, [run.state for run in runs]) == (wanted, ["done"])


async def test_runs_are_found_by_handler_and_state(session: AdminSession, record: Record) -> None:
    record("SHOP-4K", "31", triage={"state": "done"}, plugin={"state": "dead"})
    found = await list_runs(session, DeliveryFilter(handler="plugin", state="dead"))
    assert [(one.delivery.label, one.run.handler) for one in found] == [("SHOP-4K", "plugin")]
    assert len(await list_runs(session, DeliveryFilter(limit=1))) == 1


async def test_an_empty_result_checks_the_names(session: AdminSession, record: Record) -> None:
    record("SHOP-4K", "31", triage={"state": "done"})
    assert await list_deliveries(session, DeliveryFilter(handler="runbook")) == []
    with pytest.raises(UnknownNameError, match="did you mean triage"):
        await list_deliveries(session, DeliveryFilter(handler="traige"))
    with pytest.raises(UnknownNameError, match="did you mean issue"):
        await list_runs(session, DeliveryFilter(resource="isue"))


FILTERS = (
    DeliveryFilter(),
    DeliveryFilter(issue="1"),
    DeliveryFilter(issue="SHOP-2", state="dead"),
    DeliveryFilter(handler="triage"),
    DeliveryFilter(handler="triage", state="done", resource="comment"),
    DeliveryFilter(state="running"),
    DeliveryFilter(resource="error"),
    DeliveryFilter(rebuilt=True, handler="notify"),
    DeliveryFilter(request="request-1"),
)


async def test_the_number_of_round_trips_does_not_depend_on_the_number_stored(
    session: AdminSession, client: RedisClient
) -> None:
    world, chance = StoredWorld(client), random.Random(7)  # noqa: S311 - a fixed world
    counting, counted = count_trips(client)
    session = replace(session, redis=counted)
    queries: list[Any] = []
    for one in FILTERS:
        wanted = replace(one, limit=20)
        queries += [
            lambda wanted=wanted: page_deliveries(session, wanted),
            lambda wanted=wanted: page_runs(session, wanted),
            lambda wanted=wanted: page_dead_letters(session, wanted),
            lambda wanted=wanted: count_deliveries(session, wanted),
            lambda wanted=wanted: count_dead_letters(session, wanted),
        ]

    async def measure() -> list[int]:
        found: list[int] = []
        for query in queries:
            counting.trips = 0
            await query()
            found.append(counting.trips)
        return found

    await world.fill(chance, 100)
    few = await measure()
    await world.accept_all([world.record(str(10 + number % 50)) for number in range(1600)])
    await world.fill(chance, 100)
    # The index, the deliveries, their runs; an empty page needs no more than the index.
    assert max(await measure()) == max(few) == 3


async def test_pages_join_to_the_whole_listing(session: AdminSession, client: RedisClient) -> None:
    world = StoredWorld(client)
    await world.fill(random.Random(3), 50)  # noqa: S311 - a fixed world
    wanted = DeliveryFilter(resource="issue", limit=4)
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await page_deliveries(session, wanted, cursor)
        found += [row.delivery.id for row in page.rows]
        cursor = page.cursor
    whole = await page_deliveries(session, replace(wanted, limit=100))
    assert found == [row.delivery.id for row in whole.rows]
    assert str(await count_deliveries(session, wanted)) == str(len(found))


async def test_a_request_id_finds_its_delivery(session: AdminSession, client: RedisClient) -> None:
    world = StoredWorld(client)
    delivery = await world.accept(request_id="abc", resource="error")
    page = await page_deliveries(session, DeliveryFilter(request="abc"))
    assert [row.delivery.id for row in page.rows] == [delivery]
    assert (await page_deliveries(session, DeliveryFilter(request="abc", resource="issue"))).rows == []


async def test_a_text_that_is_no_cursor_is_refused(session: AdminSession) -> None:
    for text in ("x", "====", "a" * 2000, "MQ", "LTEuYQ"):
        with pytest.raises(InvalidCursorError):
            await page_deliveries(session, DeliveryFilter(), text)


async def test_counts_are_bounded(session: AdminSession, client: RedisClient) -> None:
    world = StoredWorld(client)
    await world.accept_all([world.record(str(number % 3)) for number in range(1002)])
    await world.plan(world.ids[0])
    assert str(await count_deliveries(session, DeliveryFilter())) == "more than 1000"
    assert str(await count_deliveries(session, DeliveryFilter(issue="1"))) == "334"


async def test_issues_are_called_by_their_short_ids(session: AdminSession, client: RedisClient) -> None:
    world = StoredWorld(client)
    await world.plan(await world.accept("5"))
    tenant = "sentry.io/acme"
    assert await issues_called(session, [(tenant, "5"), (tenant, "6")]) == {(tenant, "5"): "SHOP-5"}
