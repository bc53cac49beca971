"""Bodies are compressed while there is time for it; large ones always, in threads."""

import asyncio
import hashlib

import zstandard

from receiver.ingest.compression import LARGE, Compressor, Encoding
from tests.receiver.running import MakeSettings, Store, running
from tests.receiver.sentry import issue_body

BODY = b'{"frame":"shop/cart/total.py","line":42}' * 100


class Machine:
    """A clock, and how much of the processor was used."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.used = 7.0

    def work(self, seconds: float, share: float) -> None:
        self.now += seconds
        self.used += seconds * share

    def compressor(self) -> Compressor:
        return Compressor(1, clock=lambda: self.now, used=lambda: self.used)


def test_a_body_becomes_smaller_and_comes_back_whole() -> None:
    encoding, stored = Machine().compressor()(BODY)
    assert encoding == "zstd"
    assert len(stored) < len(BODY) / 5
    assert zstandard.decompress(stored) == BODY


def test_what_would_not_become_smaller_is_kept_as_it_came() -> None:
    compress = Machine().compressor()
    for body in (b"", b"{}", bytes(range(256)) * 2):
        assert compress(body[:500]) == ("", body[:500])


def test_a_body_of_half_a_kibibyte_is_the_smallest_that_is_compressed() -> None:
    compress = Machine().compressor()
    assert compress(b"a" * 511) == ("", b"a" * 511)
    assert compress(b"a" * 512)[0] == "zstd"


def test_a_body_that_compression_makes_larger_is_kept_as_it_came() -> None:
    noise = hashlib.shake_256(b"noise").digest(2000)
    assert Machine().compressor()(noise) == ("", noise)


def test_a_load_of_exactly_the_bound_is_not_busy() -> None:
    machine = Machine()
    compress = machine.compressor()
    machine.now, machine.used = 1001.0, 7.6
    assert compress(BODY)[0] == "zstd"
    machine.now, machine.used = 1002.0, 8.25
    assert compress(BODY)[0] == ""


def test_a_busy_process_keeps_bodies_as_they_came_until_it_has_time_again() -> None:
    machine = Machine()
    compress = machine.compressor()
    machine.work(0.2, share=0.9)
    assert compress(BODY) == ("", BODY)
    machine.work(0.01, share=0.1)
    assert compress(BODY) == ("", BODY)
    machine.work(0.02, share=0.1)
    assert compress(BODY)[0] == "zstd"


def test_a_burst_after_a_long_quiet_is_no_reason_to_stop() -> None:
    machine = Machine()
    compress = machine.compressor()
    machine.work(3600, share=0.01)
    machine.work(0.05, share=1.0)
    assert compress(BODY)[0] == "zstd"


async def compress_large(compressor: Compressor, body: bytes) -> tuple[Encoding, bytes]:
    done: asyncio.Future[tuple[Encoding, bytes]] = asyncio.get_running_loop().create_future()
    compressor.compress_large(body, lambda encoding, stored: done.set_result((encoding, stored)))
    return await done


async def test_a_large_body_is_compressed_even_while_the_process_is_busy() -> None:
    machine = Machine()
    compressor = machine.compressor()
    machine.work(0.2, share=0.9)
    assert compressor(BODY) == ("", BODY)
    bodies = [b"%d" % number + BODY * 20 for number in range(40)]
    found = await asyncio.gather(*(compress_large(compressor, body) for body in bodies))
    assert {encoding for encoding, _ in found} == {"zstd"}
    assert [zstandard.decompress(stored) for _, stored in found] == bodies
    compressor.close()


async def test_a_large_body_that_compression_makes_larger_is_kept_as_it_came() -> None:
    compressor, noise = Machine().compressor(), hashlib.shake_256(b"noise").digest(LARGE)
    assert await compress_large(compressor, noise) == ("", noise)
    compressor.close()


async def test_large_deliveries_are_stored_compressed_and_whole(make_settings: MakeSettings, store: Store) -> None:
    bodies = {number: issue_body(number, text="total = cart[7]\n" * 4000) for number in range(1, 13)}
    # A Redis that is slow for a moment must not send them to the disk first.
    async with running(make_settings(redis_timeout=30.0)) as receiver:
        answers = await asyncio.gather(*(receiver.hook(body) for body in bodies.values()))
        repeated = await receiver.hook(bodies[3])
    assert {answer.status_code for answer in answers} == {202}
    assert repeated.status_code == 200
    stored = [store.delivery(identifier) for identifier in store.ids()]
    assert {record["encoding"] for record in stored} == {b"zstd"}
    assert sorted(zstandard.decompress(record["body"]) for record in stored) == sorted(bodies.values())
