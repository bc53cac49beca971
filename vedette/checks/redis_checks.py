"""The checks of the Redis or Valkey server: version, durability, eviction, latency, memory left, clock."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from redis.exceptions import RedisError

from vedette.checks.findings import Finding, State
from vedette.store.server.client import RedisClient
from vedette.store.server.clock import server_time
from vedette.store.server.edition import check_edition
from vedette.store.server.server_check import (
    SAFE_POLICY,
    ServerUnreachableError,
    UnsafeServerError,
    check_server,
)
from vedette.store.server.url import without_password

OLDEST: Final = (6, 2)
"""The oldest Redis with the commands that the scripts use."""
SLOW: Final = 0.020
"""Seconds of a round trip from which it is reported; the receiver waits 0.15 s (`receiver.redis_timeout`)."""
TOO_SLOW: Final = 0.150
SKEW: Final = 2.0
"""Seconds by which clocks may differ."""
_PINGS: Final = 9
_FULL, _NEARLY_FULL = 0.95, 0.80


@dataclass(frozen=True, slots=True)
class RedisEvidence:
    """The properties of the server, by its own account."""

    url: str
    """Without its password."""
    problem: str = ""
    """The reason for which it cannot be used; empty if it can."""
    is_unsafe: bool = False
    """Whether it answers, and must not be used with its present configuration."""
    name: str = "Redis"
    version: str = ""
    has_append_file: bool = True
    last_write_failed: bool = False
    used: int = 0
    """Bytes of memory."""
    limit: int = 0
    """The limit of memory in bytes: `maxmemory`, or the machine's memory; 0 where neither is known."""
    latency: float = 0.0
    """Seconds of a round trip, the median of some."""
    ahead: float = 0.0
    """Seconds by which its clock is ahead of this process's."""


async def read_redis(client: RedisClient, url: str) -> RedisEvidence:
    """Ask the server; it raises nothing, since a server that does not answer is a finding."""
    shown = without_password(url)
    try:
        durable = await check_server(client, url)
        await check_edition(client)
        memory, persistence = await client.info("memory"), await client.info("persistence")
        server = await client.info("server")
        latency, ahead = await _measure(client)
    except UnsafeServerError as error:
        return RedisEvidence(shown, str(error), is_unsafe=True)
    except (ServerUnreachableError, RedisError, OSError) as error:
        return RedisEvidence(shown, str(error))
    return RedisEvidence(
        shown,
        name="Valkey" if server.get("valkey_version") else "Redis",
        version=str(server.get("valkey_version") or server.get("redis_version") or ""),
        has_append_file=durable,
        last_write_failed=_failed(persistence),
        used=int(memory.get("used_memory", 0)),
        limit=int(memory.get("maxmemory") or memory.get("total_system_memory") or 0),
        latency=latency,
        ahead=ahead,
    )


def check_redis(evidence: RedisEvidence, *, is_embedded: bool = False) -> list[Finding]:
    """Return the findings about the server; only one if it cannot be used.

    Args:
        evidence: The properties of the server.
        is_embedded: Whether it is the one that `vedette up` starts.
    """
    if evidence.problem:
        cause = "unsafe" if evidence.is_unsafe else "unreachable"
        sentence, _, advice = evidence.problem.partition(": ")
        step = advice[:1].upper() + advice[1:] if advice else f"Start the server at {evidence.url}"
        if is_embedded and not evidence.is_unsafe:
            step = "Start Vedette with `vedette up`, which brings this server, or set VEDETTE_REDIS_URL to another one"
        return [_finding("redis", "broken", sentence, step, cause=f"redis_{cause}", facts={"url": evidence.url})]
    return [_version(evidence), _persistence(evidence), _latency(evidence), _memory(evidence), _clock(evidence)]


def _version(evidence: RedisEvidence) -> Finding:
    says = f"{evidence.name} {evidence.version} at {evidence.url} answers and never evicts ({SAFE_POLICY})"
    parts = tuple(int(part) for part in evidence.version.split(".")[:2] if part.isdigit())
    if parts and parts < OLDEST:
        step = f"Update it to Redis {'.'.join(map(str, OLDEST))} or newer, or to Valkey"
        return _finding("redis", "broken", f"{evidence.name} {evidence.version} is too old", step, cause="redis_old")
    return _finding("redis", "ok", says)


def _persistence(evidence: RedisEvidence) -> Finding:
    if evidence.last_write_failed:
        return _finding(
            "redis_persistence",
            "broken",
            "the server's last write to its disk failed",
            "Look at the server's log and at the free space of its disk",
            cause="redis_disk",
        )
    if not evidence.has_append_file:
        return _finding(
            "redis_persistence",
            "warn",
            "the server keeps no append-only file: a crash of it loses accepted deliveries",
            "Set `appendonly yes` and `appendfsync always` (or everysec) in the server's configuration",
            cause="redis_volatile",
        )
    return _finding("redis_persistence", "ok", "the server keeps an append-only file")


def _latency(evidence: RedisEvidence) -> Finding:
    facts = {"milliseconds": f"{evidence.latency * 1000:.1f}"}
    says = f"a round trip takes {evidence.latency * 1000:.1f} ms"
    if evidence.latency < SLOW:
        return _finding("redis_latency", "ok", says, facts=facts)
    return _finding(
        "redis_latency",
        "broken" if evidence.latency >= TOO_SLOW else "warn",
        f"{says}, and the receiver spools deliveries after 150",
        "Move the server closer, or find out what keeps it busy (`SLOWLOG GET`, a saturated network or disk)",
        cause="redis_slow",
        facts=facts,
    )


def _memory(evidence: RedisEvidence) -> Finding:
    share = evidence.used / evidence.limit if evidence.limit else 0.0
    facts = {"used": str(evidence.used), "limit": str(evidence.limit)}
    says = f"{share:.0%} of the server's memory is used"
    if share < _NEARLY_FULL:
        return _finding("redis_memory", "ok", says, facts=facts)
    return _finding(
        "redis_memory",
        "broken" if share >= _FULL else "warn",
        f"{says}: when it is full, deliveries are spooled and no run goes on",
        "Lower `retention.size` or `retention.age` in vedette.toml, or give the server more memory (`maxmemory`)",
        cause="redis_full",
        facts=facts,
    )


def _clock(evidence: RedisEvidence) -> Finding:
    if abs(evidence.ahead) <= SKEW:
        return _finding("clock", "ok", f"this machine's clock and the server's agree within {SKEW:g} s")
    direction = "behind" if evidence.ahead > 0 else "ahead of"
    return _finding(
        "clock",
        "warn",
        f"this machine's clock is {abs(evidence.ahead):.0f} s {direction} that of the server",
        "Keep the clocks of all machines by NTP (`timedatectl set-ntp true`)",
        cause="clock_skew",
        facts={"seconds": f"{evidence.ahead:.1f}"},
    )


def _finding(
    check: str, state: State, says: str, *mend: str, cause: str = "", facts: Mapping[str, str] | None = None
) -> Finding:
    return Finding(check, state, says, mend, facts or dict[str, str](), cause=cause)


async def _measure(client: RedisClient) -> tuple[float, float]:
    """Return the seconds of a round trip, and those by which the server's clock is ahead."""
    times: list[float] = []
    for _ in range(_PINGS):
        began = time.perf_counter()
        await client.ping()
        times.append(time.perf_counter() - began)
    before = time.time()
    theirs = await server_time(client)
    return median(times), theirs - (before + time.time()) / 2


def _failed(persistence: Mapping[str, Any]) -> bool:
    return "err" in {str(persistence.get(name)) for name in ("aof_last_write_status", "rdb_last_bgsave_status")}
