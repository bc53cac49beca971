"""Bodies are compressed while there is time for it, and kept as they came while there is none."""

import hashlib

import zstandard

from receiver.ingest.compression import Compressor

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
