"""How records lie in a spool file: marked, counted and checksummed, so that damage costs only what it touched.

A frame is a mark of four bytes, the record's length and its CRC-32 (both big-endian), and the record. A crash in the
middle of a write leaves a torn frame at the end, which was never acknowledged. Behind damage anywhere else the mark is
looked for again, so that the records after it are not lost.
"""

import struct
import zlib
from dataclasses import dataclass, field

_MARK = b"\xf5VDT"
_HEAD = struct.Struct(">4sII")


def frame(*record: bytes) -> tuple[bytes, ...]:
    """Return a record, given in pieces, as it is written; the pieces are not copied."""
    length = checksum = 0
    for piece in record:
        length += len(piece)
        checksum = zlib.crc32(piece, checksum)
    return _HEAD.pack(_MARK, length, checksum), *record


def frame_size(*record: bytes) -> int:
    """Return how many bytes the frame of a record takes."""
    return _HEAD.size + sum(map(len, record))


@dataclass
class SpoolScan:
    """What a spool file holds."""

    records: list[bytes] = field(default_factory=list[bytes])
    damaged: int = 0
    """How many bytes in front of the last good record could not be read."""
    torn: int = 0
    """How many bytes behind the last good record were never written whole."""


def scan(content: bytes) -> SpoolScan:
    """Read all records that are whole; never fails."""
    found = SpoolScan()
    place = 0
    while True:
        start = content.find(_MARK, place)
        skipped_from = place if start < 0 else start
        found.torn += skipped_from - place
        if start < 0:
            found.torn += len(content) - place
            return found
        record = _record_at(content, start)
        if record is None:
            found.torn += len(_MARK)
            place = start + len(_MARK)
            continue
        found.damaged, found.torn = found.damaged + found.torn, 0
        found.records.append(record)
        place = start + _HEAD.size + len(record)


def _record_at(content: bytes, start: int) -> bytes | None:
    body = start + _HEAD.size
    if body > len(content):
        return None
    _, length, checksum = _HEAD.unpack_from(content, start)
    record = content[body : body + length]
    return record if len(record) == length and zlib.crc32(record) == checksum else None
