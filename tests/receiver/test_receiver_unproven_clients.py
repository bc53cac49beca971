"""A crowd of senders without a secret in front of a receiver process, beside real deliveries.

The whole measure, with 2,000 of them, is bench/unproven_clients.py; here it is counts, answers and memory.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.receiver.running import until
from tests.receiver.sentry import hook_headers, issue_body, raw_request
from tests.receiver.servers import Receiver

MIB = 1024 * 1024
CLIENTS = 400
DELIVERIES = 60
SENTRY_WAITS = 1.0
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
BODY_HEAD = raw_request(b"", {"Sentry-Hook-Signature": "0" * 64}).replace(b"Content-Length: 0", b"Content-Length: %d")


async def slow_head(writer: asyncio.StreamWriter) -> None:
    writer.write(b"POST /hooks HTTP/1.1\r\nHost: a\r\n")


async def large_head(writer: asyncio.StreamWriter) -> None:
    writer.write(b"POST /hooks HTTP/1.1\r\n" + b"a:\r\n" * 15_000)


async def slow_body(writer: asyncio.StreamWriter) -> None:
    writer.write(BODY_HEAD % 100_000 + b"x" * 1000)


async def large_body(writer: asyncio.StreamWriter) -> None:
    writer.write(BODY_HEAD % (8 * MIB))
    for _ in range(127):
        writer.write(b"x" * (MIB // 16))
        await writer.drain()


Harm = Callable[[asyncio.StreamWriter], Coroutine[Any, Any, None]]
KINDS: dict[str, tuple[Harm, ...]] = {
    "slow heads": (slow_head,),
    "large heads": (large_head,),
    "slow bodies": (slow_body,),
    "large bodies": (large_body,),
    "mixed": (slow_head, large_head, slow_body, large_body),
}


async def run_client(port: int, harm: Harm, seen: Counter[str]) -> None:
    with suppress(OSError):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        seen["connected"] += 1
        try:
            await harm(writer)
            seen[(await reader.read(12)).decode()[9:]] += 1
        finally:
            writer.transport.abort()


async def deliver(port: int, number: int) -> str:
    """Send one delivery by Sentry's rules and return its status."""
    body = issue_body(number, culprit="x" * (100_000 if number % 10 == 0 else 10_000))
    try:
        async with asyncio.timeout(SENTRY_WAITS):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(raw_request(body, hook_headers(body)))
            async with asyncio.timeout(SENTRY_WAITS):
                return (await reader.read(12)).decode()[9:]
        finally:
            writer.transport.abort()
    except (TimeoutError, OSError) as error:
        return type(error).__name__


async def attack(receiver: Receiver, kinds: tuple[Harm, ...]) -> tuple[Counter[str], Counter[str], int]:
    """Return what unproven clients and real deliveries were answered, and by how much memory grew."""
    await deliver(receiver.port, 0)
    before, highest = receiver.memory(), 0
    seen: Counter[str] = Counter()
    crowd = [
        asyncio.create_task(run_client(receiver.port, kinds[number % len(kinds)], seen)) for number in range(CLIENTS)
    ]
    answers: Counter[str] = Counter()
    for number in range(1, DELIVERIES + 1):
        answers[await deliver(receiver.port, number)] += 1
        highest = max(highest, receiver.memory())
    for task in crowd:
        task.cancel()
    await asyncio.gather(*crowd, return_exceptions=True)

    async def came_back() -> bool:
        return receiver.memory() - before < 60 * MIB

    await until(came_back)
    return seen, answers, highest - before


@pytest.mark.alone
@pytest.mark.parametrize("kind", KINDS)
def test_deliveries_are_answered_and_memory_stays_bounded_beside_strangers(
    redis_url: str, tmp_path: Path, kind: str
) -> None:
    receiver = Receiver(redis_url, tmp_path / "state", files=(1024, 1024))
    try:
        seen, answers, growth = asyncio.run(attack(receiver, KINDS[kind]))
    finally:
        receiver.kill()
    assert answers == {"202": DELIVERIES}
    assert seen["connected"] == CLIENTS
    assert growth < 300 * MIB


@pytest.mark.parametrize("files", [(128, 128), (128, 4096)])
def test_files_are_kept_back_for_redis_and_the_spool_and_the_soft_limit_is_raised(
    redis_url: str, tmp_path: Path, files: tuple[int, int]
) -> None:
    receiver = Receiver(redis_url, tmp_path / "state", files=files, VEDETTE_RECEIVER__CONNECTIONS_LIMIT="600")

    async def slow_heads() -> tuple[list[bool], Counter[str]]:
        opened: list[Streams] = []
        for _ in range(500):
            opened.append(await asyncio.open_connection("127.0.0.1", receiver.port))
            opened[-1][1].write(b"POST /hooks HTTP/1.1\r\n")
        answers = Counter([await deliver(receiver.port, number) for number in range(20)])
        ended = [reader.at_eof() or reader.exception() is not None for reader, _ in opened]
        for _, writer in opened:
            writer.transport.abort()
        return ended, answers

    try:
        ended, answers = asyncio.run(slow_heads())
        soft = next(
            line.split()[3]
            for line in Path(f"/proc/{receiver.process.pid}/limits").read_text().splitlines()
            if line.startswith("Max open files")
        )
    finally:
        receiver.kill()
    assert answers == {"202": 20}
    # The oldest went where they had to, and only there.
    assert ended[0] is (files[1] == 128)
    assert not ended[-1]
    assert int(soft) == min(files[1], 696)
