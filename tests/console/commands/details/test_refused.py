"""Requests that no handler ever saw are shown with what probably caused them."""

import asyncio
import json

from tests.console.commands.recorded import Recorded
from vedette.store.receivers.receiver_status import ReceiverStatus, ReceiverStatuses, RejectionCount
from vedette.store.server.server_check import open_redis


def report(redis_url: str, *statuses: ReceiverStatus) -> None:
    async def write() -> None:
        client = open_redis(redis_url)
        try:
            for status in statuses:
                await ReceiverStatuses(client).write(status)
        finally:
            await client.aclose()

    asyncio.run(write())


def test_refused_requests_of_all_receivers_are_counted_together(redis_of_commands: Recorded, redis_url: str) -> None:
    first = RejectionCount("wrong_signature", "default", 3, 1_795_000_000_000)
    second = RejectionCount("wrong_signature", "default", 4, 1_795_000_009_000)
    report(
        redis_url,
        ReceiverStatus("a", "host", 1, 1, rejected=(first,), quarantined={"unreadable": 2}),
        ReceiverStatus("b", "host", 1, 1, rejected=(second, RejectionCount("unknown_path", "", 1, 5))),
    )
    found = [json.loads(line) for line in redis_of_commands.run("refused", "--json").stdout.splitlines()]
    counts = {(one["reason"], one["integration"]): one["count"] for one in found}
    assert counts == {("wrong_signature", "default"): 7, ("unknown_path", ""): 1, ("unreadable", ""): 2}
    assert found[0]["last"] == 1_795_000_009_000
    shown = redis_of_commands.run("refused").stdout
    assert "if it was rotated, set both, separated by a comma" in shown


def test_nothing_refused_is_said_as_what_it_is(redis_of_commands: Recorded) -> None:
    assert "No receiver has refused a request" in redis_of_commands.run("refused").stdout
