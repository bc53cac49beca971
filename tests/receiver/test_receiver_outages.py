"""Redis frozen, full, read-only, killed; the receiver killed; the disk full: nothing that was accepted is lost."""

import asyncio
import time
from collections.abc import Generator
from pathlib import Path

import httpx2
import pytest

from receiver.ingest.record import IncomingDelivery, StoredRecord, encode_record
from receiver.spool.record_format import encode_frame
from receiver.spool.segment import Segment
from receiver.spool.spool import Spool
from tests.conftest import connect
from tests.receiver.deliveries import delivery
from tests.receiver.running import MakeSettings, Running, Store, running, until
from tests.receiver.sentry import hook_headers, issue_body, raw_request
from tests.receiver.servers import OwnServer, Receiver, own_server
from vedette.events.identification import identify


@pytest.fixture
def server(tmp_path: Path) -> Generator[OwnServer]:
    with own_server(tmp_path / "valkey") as started:
        yield started


class Sender:
    """Sends deliveries one after the other and keeps what became of them."""

    def __init__(self) -> None:
        self.accepted: list[str] = []
        self.slowest = 0.0
        self.others: list[int] = []
        self._number = 0

    async def send(self, client: httpx2.AsyncClient, url: str = "/hooks") -> int:
        self._number += 1
        body = issue_body(self._number)
        began = time.monotonic()
        response = await client.post(url, content=body, headers=hook_headers(body))
        self.slowest = max(self.slowest, time.monotonic() - began)
        if response.status_code == 202:
            self.accepted.append(response.json()["delivery"])
        else:
            self.others.append(response.status_code)
        return response.status_code

    async def send_for(self, client: httpx2.AsyncClient, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            await self.send(client)
            await asyncio.sleep(0.005)


def check_all_there_once(server: OwnServer, accepted: list[str]) -> None:
    with server.client() as client:
        store = Store(client)
        queued, kept = store.queued(), store.ids()
    assert sorted(kept) == sorted(accepted)
    assert sorted(queued) == sorted(accepted)
    assert len(set(accepted)) == len(accepted)


async def emptied(receiver: Running) -> None:
    async def is_empty() -> bool:
        ready = await receiver.ready()
        return ready["status"] == "ready" and ready["spool"]["records"] == 0

    await until(is_empty)


async def test_a_killed_redis_costs_nothing(make_settings: MakeSettings, server: OwnServer) -> None:
    sender = Sender()
    async with running(make_settings(url=server.url)) as receiver:
        await sender.send_for(receiver.client, 0.2)
        server.kill()
        await sender.send_for(receiver.client, 0.3)
        ready = await receiver.client.get("/health/ready")
        assert (ready.status_code, ready.json()["status"]) == (200, "spooling")
        assert ready.json()["spool"]["records"] > 0
        server.start()
        await sender.send_for(receiver.client, 0.2)
        await emptied(receiver)
        figures = await receiver.figures()
    assert figures["vedette_deliveries_spooled_total"] == figures["vedette_spool_drained_total"] > 0
    assert sender.others == []
    check_all_there_once(server, sender.accepted)


async def test_a_frozen_redis_delays_answers_by_its_deadline_only_and_stores_nothing_twice(
    make_settings: MakeSettings, server: OwnServer
) -> None:
    sender = Sender()
    async with running(make_settings(url=server.url)) as receiver:
        await sender.send_for(receiver.client, 0.1)
        server.freeze()
        await asyncio.gather(*(sender.send(receiver.client) for _ in range(10)))
        await sender.send_for(receiver.client, 0.5)
        server.resume()
        await emptied(receiver)
    assert sender.others == []
    assert sender.slowest < 0.8
    # What was sent before the freeze was noticed was stored late, under the id that the spool brought again.
    check_all_there_once(server, sender.accepted)


@pytest.mark.parametrize(
    ("breakage", "repair"),
    [
        (("CONFIG", "SET", "maxmemory", "1"), ("CONFIG", "SET", "maxmemory", "0")),
        (("REPLICAOF", "127.0.0.1", "1"), ("REPLICAOF", "NO", "ONE")),
        (("CONFIG", "SET", "maxmemory-policy", "allkeys-lru"), ("CONFIG", "SET", "maxmemory-policy", "noeviction")),
    ],
    ids=["full", "read-only", "evicting"],
)
async def test_a_redis_that_takes_no_writes_is_as_good_as_away(
    make_settings: MakeSettings, server: OwnServer, breakage: tuple[str, ...], repair: tuple[str, ...]
) -> None:
    sender = Sender()
    with server.client() as client:
        async with running(make_settings(url=server.url)) as receiver:
            await sender.send(receiver.client)
            client.execute_command(*breakage)
            if "policy" in breakage[2]:
                client.client_kill_filter(_type="normal", skipme=True)
            await sender.send_for(receiver.client, 0.5)
            ready = await receiver.ready()
            assert ready["status"] == "spooling"
            assert ready["redis"]["problem"]
            client.execute_command(*repair)
            await emptied(receiver)
    assert sender.others == []
    check_all_there_once(server, sender.accepted)


async def test_a_receiver_starts_without_redis_and_hands_over_later(
    make_settings: MakeSettings, server: OwnServer
) -> None:
    sender = Sender()
    server.kill()
    async with running(make_settings(url=server.url)) as receiver:
        await sender.send_for(receiver.client, 0.1)
        server.start()
        await emptied(receiver)
    check_all_there_once(server, sender.accepted)


async def test_what_a_killed_receiver_had_spooled_is_handed_over_by_the_next(tmp_path: Path, server: OwnServer) -> None:
    sender = Sender()
    server.kill()
    for _ in range(2):
        process = Receiver(server.url, tmp_path / "state")
        async with httpx2.AsyncClient(base_url=process.url) as client:
            await asyncio.gather(*(sender.send(client) for _ in range(20)))
        process.kill()
    server.start()
    process = Receiver(server.url, tmp_path / "state")
    try:
        async with httpx2.AsyncClient(base_url=process.url) as client:

            async def is_empty() -> bool:
                return (await client.get("/health/ready")).json()["spool"]["records"] == 0

            await until(is_empty)
    finally:
        process.kill()
    assert len(sender.accepted) == 40
    check_all_there_once(server, sender.accepted)


async def test_receivers_killed_at_random_moments_lose_nothing(tmp_path: Path, server: OwnServer) -> None:
    accepted: list[str] = []
    number = 0
    for round_ in range(4):
        process = Receiver(server.url, tmp_path / "state")

        async def post(client: httpx2.AsyncClient, body: bytes) -> None:
            response = await client.post("/hooks", content=body, headers=hook_headers(body))
            if response.status_code == 202:
                accepted.append(response.json()["delivery"])

        async with httpx2.AsyncClient(base_url=process.url) as client:
            posts: list[asyncio.Task[None]] = []
            for sent in range(60):
                number += 1
                posts.append(asyncio.create_task(post(client, issue_body(number))))
                if sent % 10 == 0:
                    await asyncio.sleep(0.01)
                if sent == 30 + 5 * round_:
                    process.process.kill()
            await asyncio.gather(*posts, return_exceptions=True)
        process.kill()
    process = Receiver(server.url, tmp_path / "state")
    process.kill()
    with server.client() as client:
        queued = Store(client).queued()
    assert len(accepted) > 20
    assert set(accepted) <= set(queued)
    assert len(queued) == len(set(queued))


async def test_without_redis_and_disk_the_answer_is_500_and_health_says_so(tmp_path: Path, server: OwnServer) -> None:
    server.kill()
    process = Receiver(server.url, tmp_path / "state", file_limit=3000)
    sender = Sender()
    try:
        async with httpx2.AsyncClient(base_url=process.url) as client:
            for _ in range(10):
                await sender.send(client)
            assert sender.accepted
            assert set(sender.others) == {500}
            ready = await client.get("/health/ready")
            assert (ready.status_code, ready.json()["status"]) == (503, "refusing")
            assert ready.json()["spool"]["state"] == "broken"
            metrics = (await client.get("/metrics")).text
            assert "vedette_spool_refuses 1.0" in metrics
            server.start()

            async def is_empty() -> bool:
                return (await client.get("/health/ready")).json()["spool"]["records"] == 0

            await until(is_empty)
            assert await sender.send(client) == 202
            # The answers' own way to Redis may come back later than the drain's, and the last one take the spool's.
            await until(is_empty)
    finally:
        process.kill()
    check_all_there_once(server, sender.accepted)


async def test_health_says_that_the_spool_is_broken_before_it_is_needed(tmp_path: Path, server: OwnServer) -> None:
    process = Receiver(server.url, tmp_path / "state", file_limit=3000)
    try:
        async with httpx2.AsyncClient(base_url=process.url) as client:
            ready = await client.get("/health/ready")
            assert (ready.status_code, ready.json()["status"]) == (200, "ready")
            assert ready.json()["spool"]["state"] == "broken"
            assert "vedette_spool_refuses 1.0" in (await client.get("/metrics")).text
    finally:
        process.kill()


async def test_deliveries_that_come_while_redis_is_silent_do_not_queue_behind_those_that_wait(
    make_settings: MakeSettings, server: OwnServer
) -> None:
    sender = Sender()
    async with running(make_settings(url=server.url, redis_timeout=3.0)) as receiver:
        assert await sender.send(receiver.client) == 202
        server.freeze()
        waiting = asyncio.create_task(sender.send(receiver.client))
        await asyncio.sleep(1.6)
        assert await sender.send(receiver.client) == 202
        assert not waiting.done()
        server.resume()
        assert await waiting == 202
        await emptied(receiver)
        assert (await receiver.figures())["vedette_deliveries_spooled_total"] == 1
    check_all_there_once(server, sender.accepted)


async def test_a_delivery_that_reached_redis_and_the_spool_is_one(receiver: Running, store: Store) -> None:
    identifier = (await receiver.hook(issue_body(1))).json()["delivery"]
    kept = store.delivery(identifier)
    folder = receiver.settings.state_dir / "spool"
    spool = Spool(folder, limit=10**6, segment_limit=10**6, timeout=5)
    await spool.append(again(identifier, kept))
    await spool.append(again(identifier[:-1] + "0", kept))
    await spool.close()

    async def drained() -> bool:
        return (await receiver.figures())["vedette_spool_drained_total"] == 2

    await until(drained)
    assert store.ids() == store.queued() == [identifier]
    assert store.delivery(identifier)["duplicates"] == b"1"


def again(identifier: str, kept: dict[str, bytes]) -> IncomingDelivery:
    known = identify("issue", issue_body(1))
    facts = StoredRecord(
        id=identifier,
        key=f"default:{known.key}",
        window=86_400_000,
        integration="default",
        source="webhook",
        resource="issue",
        action="created",
        subject=known.subject,
        issue=known.issue,
        accepted=int(kept["accepted"]),
        sent="",
        request_id="",
        headers="{}",
        size=len(issue_body(1)),
        encoding="",
        state="accepted",
        reason="",
        secret="",
    )
    return IncomingDelivery(facts, issue_body(1))


async def test_an_odd_entry_of_the_spool_is_shown_and_the_others_are_drained(
    make_settings: MakeSettings, store: Store
) -> None:
    settings = make_settings()
    (settings.state_dir / "spool" / f"{0:026}.spool").mkdir(parents=True)
    segment = Segment.create(settings.state_dir / "spool")
    segment.append(encode_frame(*encode_record(delivery(1))))
    segment.close()
    async with running(settings) as receiver:

        async def drained() -> bool:
            return store.ids() == [delivery(1).record.id]

        await until(drained)
        assert (await receiver.ready())["spool"]["skipped"] == [f"{0:026}.spool: Is a directory"]
        assert (await receiver.figures())["vedette_spool_skipped"] == 1


async def test_a_user_that_may_not_write_is_told_in_a_sentence_and_deliveries_are_spooled(
    redis_url: str, make_settings: MakeSettings
) -> None:
    with connect(redis_url) as client:
        client.acl_setuser("reader", enabled=True, passwords=["+hunter2"], keys=["*"], commands=["+@read", "+info"])
    try:
        settings = make_settings(url=redis_url.replace("unix://", "unix://reader:hunter2@"))
        async with running(settings) as receiver:
            assert (await receiver.hook(issue_body())).status_code == 202
            ready = await receiver.ready()
    finally:
        with connect(redis_url) as client:
            client.acl_deluser("reader")
    assert ready["status"] == "spooling"
    assert "Redis does not let Vedette's user write" in ready["redis"]["problem"]


async def test_what_was_received_is_kept_although_its_sender_left_and_the_receiver_stops(
    make_settings: MakeSettings, server: OwnServer
) -> None:
    async with running(make_settings(url=server.url, redis_timeout=0.5)) as receiver:
        await receiver.hook(issue_body(1))
        server.freeze()
        for number in range(2, 5):
            _, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
            body = issue_body(number)
            writer.write(raw_request(body, hook_headers(body)))
            await asyncio.sleep(0.05)
            writer.close()
    server.resume()
    async with running(make_settings(url=server.url)) as receiver:
        await emptied(receiver)
    with server.client() as client:
        assert len(Store(client).ids()) == 4
