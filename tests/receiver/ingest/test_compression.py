"""Bodies are compressed while there is time for it, and kept as they came while there is none."""

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
