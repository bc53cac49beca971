"""Senders without a secret, as a process of their own: `python unproven_clients.py PORT KIND COUNT SECONDS`.

| kind | what each of them does, again and again |
|---|---|
| slow_heads | sends a header line each half second and never ends its head |
| large_heads | sends a head of 60,000 bytes made of tiny headers, and does not end it |
| slow_bodies | declares 100,000 bytes and sends 1,000 each half second |
| large_bodies | declares 8 MiB, sends all but the last byte, and waits |
| mixed | each of them does one of these |
"""

import asyncio
import json
import resource
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Callable

import uvloop

KINDS = ("slow_heads", "large_heads", "slow_bodies", "large_bodies", "mixed")
MIB = 1024 * 1024
_PAUSE = 0.5
_AGAIN = 1.0
"""Seconds before a client connects again."""
_PIECE = 64 * 1024
_LARGE_HEAD = b"a:\r\n" * 15_000


def _head(length: int) -> bytes:
    return b"POST /hooks HTTP/1.1\r\nHost: a\r\nSentry-Hook-Signature: %b\r\nContent-Length: %d\r\n\r\n" % (
        b"0" * 64,
        length,
    )


async def _slow_heads() -> AsyncGenerator[bytes]:
    yield b"POST /hooks HTTP/1.1\r\n"
    while True:
        yield b"X-Line: something\r\n"
        await asyncio.sleep(_PAUSE)


async def _large_heads() -> AsyncGenerator[bytes]:
    yield b"POST /hooks HTTP/1.1\r\n"
    yield _LARGE_HEAD


async def _slow_bodies() -> AsyncGenerator[bytes]:
    yield _head(100_000)
    for _ in range(99):
        yield b"x" * 1000
        await asyncio.sleep(_PAUSE)


async def _large_bodies() -> AsyncGenerator[bytes]:
    yield _head(8 * MIB)
    for _ in range(8 * MIB // _PIECE - 1):
        yield b"x" * _PIECE
    yield b"x" * (_PIECE - 1)


_PIECES: dict[str, Callable[[], AsyncGenerator[bytes]]] = {
    "slow_heads": _slow_heads,
    "large_heads": _large_heads,
    "slow_bodies": _slow_bodies,
    "large_bodies": _large_bodies,
}


async def run_client(port: int, kind: str, ends: float, seen: Counter[str]) -> None:
    """Do harm until `ends`, by the loop's clock."""
    loop = asyncio.get_running_loop()
    while loop.time() < ends:
        try:
            async with asyncio.timeout_at(ends):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except (OSError, TimeoutError):
            seen["not connected"] += 1
            await asyncio.sleep(_AGAIN)
            continue
        seen["connected"] += 1
        try:
            async with asyncio.timeout_at(ends):
                async for piece in _PIECES[kind]():
                    writer.write(piece)
                    await writer.drain()
                answer = await reader.read(12)
                seen[answer.decode("ascii", "replace")[9:] or "ended"] += 1
        except TimeoutError:
            seen["held to the end"] += 1
        except (OSError, RuntimeError):
            # uvloop's word for writing to a connection that has ended meanwhile.
            seen["ended"] += 1
        finally:
            writer.transport.abort()
        await asyncio.sleep(_AGAIN)


async def _main(port: int, kind: str, count: int, seconds: float) -> None:
    seen: Counter[str] = Counter()
    ends = asyncio.get_running_loop().time() + seconds
    kinds = KINDS[:-1] if kind == "mixed" else (kind,)
    await asyncio.gather(*(run_client(port, kinds[number % len(kinds)], ends, seen) for number in range(count)))
    print(json.dumps(dict(seen)), flush=True)


if __name__ == "__main__":
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    uvloop.run(_main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))
