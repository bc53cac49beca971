"""Frames records in a spool file with a marker, a length and a checksum, which limits damage to the records it touches.

A frame is a marker of four bytes, the record's length and its CRC-32 (both big-endian), and the record. A crash during
a write leaves a torn frame at the end, which was never acknowledged. After damage elsewhere the scan resumes at the
next marker, so that later records are not lost.
"""

import struct
import zlib
from dataclasses import dataclass, field

_MARK = b"\xf5VDT"
_HEAD = struct.Struct(">4sII")


def encode_frame(*record: bytes) -> tuple[bytes, ...]:
    """Return the frame of a record, given in pieces; the pieces are not copied."""
    length = checksum = 0
    for piece in record:
        length += len(piece)
        checksum = zlib.crc32(piece, checksum)
    return _HEAD.pack(_MARK, length, checksum), *record


def measure_frame(*record: bytes) -> int:
    """Return the size of a record's frame in bytes."""
    return _HEAD.size + sum(map(len, record))


@dataclass
class SpoolScan:
    """The content of a spool file."""

    records: list[bytes] = field(default_factory=list[bytes])
    damaged: int = 0
    """Unreadable bytes before the last good record."""
    torn: int = 0
    """Bytes after the last good record, of a write that was interrupted."""


def scan_records(content: bytes) -> SpoolScan:
    """Read all complete records; damage is counted and raises nothing."""
    found = SpoolScan()
    place = 0
    while True:
        start = content.find(_MARK, place)
        skipped_from = place if start < 0 else start
        found.torn += skipped_from - place
        if start < 0:
            found.torn += len(content) - place
            return found
        record = _read_record(content, start)
        if record is None:
            found.torn += len(_MARK)
            place = start + len(_MARK)
            continue
        found.damaged, found.torn = found.damaged + found.torn, 0
        found.records.append(record)
        place = start + _HEAD.size + len(record)


def _read_record(content: bytes, start: int) -> bytes | None:
    body = start + _HEAD.size
    if body > len(content):
        return None
    _, length, checksum = _HEAD.unpack_from(content, start)
    record = content[body : body + length]
    return record if len(record) == length and zlib.crc32(record) == checksum else None
