"""The spool's files: whole, torn, damaged, shared, full."""

import asyncio
import os
import resource
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from receiver.ingest.record import IncomingDelivery, decode_record, encode_record
from receiver.spool.disk import probe_disk
from receiver.spool.record_format import encode_frame, measure_frame, scan_records
from receiver.spool.segment import Segment, list_segments
from receiver.spool.spool import Spool
from receiver.spool.writer import SpoolUnavailableError
from tests.receiver.deliveries import delivery

RECORDS = st.lists(st.binary(max_size=60), max_size=6)


def framed(records: list[bytes]) -> bytes:
    return b"".join(piece for record in records for piece in encode_frame(record))


@given(RECORDS, st.data())
def test_a_file_torn_at_any_byte_gives_back_all_records_before_it(records: list[bytes], data: st.DataObject) -> None:
    frames = [b"".join(encode_frame(record)) for record in records]
    content = b"".join(frames)
    cut = data.draw(st.integers(0, len(content)))
    whole, size = 0, 0
    while whole < len(frames) and size + len(frames[whole]) <= cut:
        size += len(frames[whole])
        whole += 1
    found = scan_records(content[:cut])
    assert found.records == records[:whole]
    assert (found.torn, found.damaged) == (cut - size, 0)


@given(RECORDS, st.binary(min_size=1, max_size=30), RECORDS)
def test_damage_in_the_middle_costs_only_what_it_touched(before: list[bytes], junk: bytes, after: list[bytes]) -> None:
    found = scan_records(framed(before) + junk + framed(after))
    assert found.records[: len(before)] == before
    assert found.records[len(before) :] == after
    assert found.damaged + found.torn == len(junk)


@given(RECORDS.filter(bool), st.data())
def test_a_flipped_bit_is_found(records: list[bytes], data: st.DataObject) -> None:
    content = bytearray(framed(records))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= 1 << data.draw(st.integers(0, 7))
    found = scan_records(bytes(content)).records
    assert len(found) == len(records) - 1
    assert all(record in records for record in found)


@given(st.binary(max_size=400))
def test_no_bytes_make_reading_fail(content: bytes) -> None:
    scan_records(content)


def tear(folder: Path) -> None:
    (path,) = list_segments(folder)
    with path.open("ab") as file:
        file.write(framed([b"never acknowledged"])[:-3])


def damage(folder: Path) -> None:
    (path,) = list_segments(folder)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def suffixes(folder: Path) -> list[str]:
    return [left.suffix for left in folder.iterdir()]


def make_spool(folder: Path, limit: int = 10**6, segment_limit: int = 10**6) -> Spool:
    return Spool(folder, limit=limit, segment_limit=segment_limit, timeout=5)


async def drained(spool: Spool) -> list[str]:
    found: list[str] = []
    while not spool.is_empty():
        part = spool.next_file()
        if part is None:
            await asyncio.sleep(0.01)
            continue
        found += [found.record.id for found in await spool.read(part)]
        await spool.discard(part)
    return found


async def test_what_goes_in_comes_out_in_order_over_several_files(tmp_path: Path) -> None:
    spool = make_spool(tmp_path / "spool", segment_limit=2000)
    await spool.open()
    for start in range(0, 100, 10):
        await asyncio.gather(*(spool.append(delivery(number)) for number in range(start, start + 10)))
    assert len(list_segments(tmp_path / "spool")) > 3
    status = spool.status()
    assert (status.state, status.records) == ("holding", 100)
    assert status.age > 0
    assert await drained(spool) == [delivery(number).record.id for number in range(100)]
    assert list_segments(tmp_path / "spool") == []
    assert (spool.status().state, spool.status().bytes) == ("empty", 0)
    await spool.close()


async def test_the_next_process_takes_over_what_is_left_and_cuts_a_torn_end(tmp_path: Path) -> None:
    first = make_spool(tmp_path)
    await first.open()
    for number in range(5):
        await first.append(delivery(number))
    await first.close()
    tear(tmp_path)
    second = make_spool(tmp_path)
    await second.open()
    assert second.status().records == 5
    assert await drained(second) == [delivery(number).record.id for number in range(5)]
    assert suffixes(tmp_path) == []
    await second.close()


async def test_a_damaged_file_gives_what_it_can_and_is_kept_for_a_person(tmp_path: Path) -> None:
    first = make_spool(tmp_path)
    await first.open()
    for number in range(5):
        await first.append(delivery(number))
    await first.close()
    damage(tmp_path)
    second = make_spool(tmp_path)
    await second.open()
    assert len(await drained(second)) == 4
    assert suffixes(tmp_path) == [".damaged"]
    await second.close()


async def test_a_file_that_another_process_writes_is_left_alone(tmp_path: Path) -> None:
    first, second = make_spool(tmp_path), make_spool(tmp_path)
    await first.open()
    await first.append(delivery(1))
    await second.open()
    assert second.is_empty()
    await first.close()
    await second.adopt()
    assert await drained(second) == [delivery(1).record.id]
    await second.close()


async def test_a_full_spool_refuses_and_takes_again_when_it_is_emptied(tmp_path: Path) -> None:
    spool = make_spool(tmp_path, limit=1000)
    await spool.open()
    for number in range(4):
        await spool.append(delivery(number, 50))
    with pytest.raises(SpoolUnavailableError) as refused:
        await spool.append(delivery(9, 800))
    assert refused.value.reason == "full"
    assert (spool.status().state, spool.status().accepts) == ("full", False)
    assert len(await drained(spool)) == 4
    await spool.append(delivery(10, 50))
    assert spool.status().accepts
    await spool.close()


async def test_a_folder_that_cannot_be_used_is_told_and_tried_again(tmp_path: Path) -> None:
    blocked = tmp_path / "spool"
    blocked.write_text("a file where the folder should be")
    spool = make_spool(blocked)
    await spool.open()
    assert spool.status().state == "broken"
    with pytest.raises(SpoolUnavailableError) as refused:
        await spool.append(delivery(1))
    assert refused.value.reason == "broken"
    blocked.unlink()
    blocked.mkdir()
    await spool.append(delivery(2))
    assert await drained(spool) == [delivery(2).record.id]
    await spool.close()


@given(made=st.builds(delivery, st.integers(0, 9), st.sampled_from([0, 1, 255, 256, 65_535, 65_536, 200_000])))
def test_a_record_in_pieces_reads_as_the_delivery_it_is_of(made: IncomingDelivery) -> None:
    record = encode_record(made)
    assert decode_record(b"".join(record)) == made
    assert framed([b"".join(record)]) == b"".join(encode_frame(*record))
    assert measure_frame(*record) == len(b"".join(encode_frame(*record)))


def test_a_write_of_more_pieces_than_the_system_takes_at_once(tmp_path: Path) -> None:
    segment = Segment.create(tmp_path)
    records = [b"%d" % number for number in range(1500)]
    segment.append([piece for record in records for piece in encode_frame(record)])
    assert segment.scan().records == records
    segment.remove()


def test_a_failed_write_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    segment = Segment.create(tmp_path)
    segment.append(encode_frame(b"kept"))
    previous = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (segment.size + 20, previous[1]))
        with pytest.raises(OSError, match="large"):
            segment.append(encode_frame(b"x" * 100))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, previous)
        signal.signal(signal.SIGXFSZ, handler)
    assert segment.path.stat().st_size == segment.size
    segment.append(encode_frame(b"next"))
    assert segment.scan().records == [b"kept", b"next"]
    segment.remove()


def make_folder(path: Path) -> None:
    path.mkdir()


def make_link_to_nothing(path: Path) -> None:
    path.symlink_to(path.with_name("nothing"))


ODD_ENTRIES = [make_folder, os.mkfifo, make_link_to_nothing]


@pytest.mark.parametrize("make", ODD_ENTRIES)
async def test_an_entry_that_cannot_be_opened_does_not_hold_up_newer_ones(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    first = make_spool(tmp_path)
    await first.open()
    await first.append(delivery(1))
    await first.close()
    odd = tmp_path / "00000000000000000000000000.spool"
    make(odd)
    second = make_spool(tmp_path)
    with capture_logs() as logs:
        await second.open()
        await second.adopt()
    assert [log["file"] for log in logs if log["log_level"] == "error"] == [str(odd)]
    status = second.status()
    assert (status.state, status.records, len(status.skipped)) == ("holding", 1, 1)
    assert status.skipped[0].startswith(f"{odd.name}: ")
    assert await drained(second) == [delivery(1).record.id]
    odd.rmdir() if odd.is_dir() else odd.unlink()
    await second.adopt()
    assert second.status().skipped == ()
    await second.close()


async def test_a_file_that_cannot_be_read_is_passed_over_and_tried_again(tmp_path: Path) -> None:
    spool = make_spool(tmp_path, segment_limit=1)
    await spool.open()
    for number in range(3):
        await spool.append(delivery(number))
        await asyncio.sleep(0.02)
    oldest = spool.next_file()
    assert oldest is not None
    kept = oldest.segment.path.rename(tmp_path / "away")
    oldest.segment.path.mkdir()
    with pytest.raises(IsADirectoryError) as error:
        await spool.read(oldest)
    spool.skip(oldest, error.value)
    assert await drained(spool) == [delivery(number).record.id for number in (1, 2)]
    assert len(spool.status().skipped) == 1
    oldest.segment.path.rmdir()
    kept.rename(oldest.segment.path)
    await spool.adopt()
    assert await drained(spool) == [delivery(0).record.id]
    await spool.adopt()
    assert spool.status().skipped == ()
    await spool.close()


async def test_a_broken_spool_is_well_again_as_soon_as_the_disk_is(tmp_path: Path) -> None:
    blocked = tmp_path / "spool"
    blocked.write_text("a file where the folder should be")
    spool = make_spool(blocked)
    await spool.open()
    assert spool.status().state == "broken"
    blocked.unlink()
    with capture_logs() as logs:
        probing = asyncio.create_task(spool.run_probes())
        async with asyncio.timeout(10):
            while spool.status().state == "broken":  # noqa: ASYNC110 - the disk tells nobody
                await asyncio.sleep(0.05)
    probing.cancel()
    assert [log["event"] for log in logs] == ["spool can be written again"]
    assert suffixes(blocked) == []
    await spool.close()


def test_a_disk_without_room_fails_the_probe_and_keeps_nothing_of_it(tmp_path: Path) -> None:
    previous = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, previous[1]))
        with pytest.raises(OSError, match="large"):
            probe_disk(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, previous)
        signal.signal(signal.SIGXFSZ, handler)
    assert list(tmp_path.iterdir()) == []
    probe_disk(tmp_path / "made")
