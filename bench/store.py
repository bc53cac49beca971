"""The store: memory of a delivery, and how long listings, filters and look-ups take, by how much is stored.

    python bench/store.py [--quick] [--json]

Deliveries and runs are stored by the scripts of receivers and workers in a server of the benchmark's own, up to
1 000 000 (--quick: 100 000). Each answer is the median of nine, with its round trips; at the largest number it has to
take less than 100 ms, or the benchmark ends with 1. It ends with 3 where the machine was too busy to judge.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench.machine import look  # noqa: E402  # found through the line above when run as a script
from bench.store_parts.filling import BODY, HOT, RARE, TENANT, Filling  # noqa: E402
from vedette.admin.audit import get_audit_line, page_audit  # noqa: E402
from vedette.admin.dead_letters import count_dead_letters, page_dead_letters  # noqa: E402
from vedette.admin.deliveries import count_deliveries, page_deliveries, page_runs  # noqa: E402
from vedette.admin.explain import explain_issue  # noqa: E402
from vedette.admin.filters import AuditFilter, DeliveryFilter  # noqa: E402
from vedette.admin.proposals import page_proposals  # noqa: E402
from vedette.admin.schedule import page_schedule  # noqa: E402
from vedette.admin.session import AdminSession  # noqa: E402
from vedette.settings.settings import Settings  # noqa: E402
from vedette.store.deliveries.journal import Journal  # noqa: E402
from vedette.store.figures.outcome_counts import read_outcome_counts  # noqa: E402
from vedette.store.search.delivery_search import DeliverySearch  # noqa: E402
from vedette.store.server.embedded import find_server, server_command, socket_url  # noqa: E402
from vedette.store.server.retrying import REDIS_ERRORS  # noqa: E402
from vedette.store.server.server_check import open_redis  # noqa: E402

SIZES = (1_000, 100_000, 1_000_000)
MOST = 100.0
"""Milliseconds of each answer at the largest number stored."""
_TIMES = 9
_BUSY = 3
_START = 10.0
Question = Callable[[], Awaitable[Any]]


@contextmanager
def own_server() -> Generator[str]:
    """Start a server of the benchmark's own, without a file; yield its URL."""
    with tempfile.TemporaryDirectory() as folder:
        command = server_command(find_server(), Path(folder), durable=False)
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - our own server
        try:
            yield socket_url(Path(folder))
        finally:
            process.terminate()
            process.wait(60)


async def questions(session: AdminSession, filling: Filling) -> dict[str, Question]:
    """Return what is asked, by its name."""
    deep = await page_deliveries(session, DeliveryFilter(limit=1000))

    def listed(name: str, wanted: DeliveryFilter) -> dict[str, Question]:
        return {
            f"deliveries, {name}": lambda: page_deliveries(session, wanted),
            f"runs, {name}": lambda: page_runs(session, wanted),
            f"deliveries counted, {name}": lambda: count_deliveries(session, wanted),
        }

    asked: dict[str, Question] = {}
    for name, wanted in (
        ("the newest", DeliveryFilter()),
        ("of an issue with 1 %", DeliveryFilter(issue=HOT)),
        ("of an issue with three", DeliveryFilter(issue=RARE)),
        ("by short id", DeliveryFilter(issue=f"shop-{int(RARE):x}")),
        ("of an issue that none has", DeliveryFilter(issue="999")),
        ("of a handler", DeliveryFilter(handler="triage")),
        ("in a state that few have", DeliveryFilter(state="dead")),
        ("in a state that none has", DeliveryFilter(state="quarantined")),
        ("of a handler in a state", DeliveryFilter(handler="triage", state="done")),
        ("of a rare resource", DeliveryFilter(resource="comment")),
        ("of a rule", DeliveryFilter(rule="noise")),
        ("of a rule, an issue and a handler", DeliveryFilter(rule="noise", issue=HOT, handler="triage")),
        ("of a resource and a handler that exclude each other", DeliveryFilter(resource="comment", handler="triage")),
        ("by Request-ID", DeliveryFilter(request=filling.last_request)),
    ):
        asked |= listed(name, wanted)
    return asked | {
        "deliveries, behind a cursor": lambda: page_deliveries(session, DeliveryFilter(), deep.cursor or ""),
        "dead letters": lambda: page_dead_letters(session, DeliveryFilter()),
        "dead letters, of an issue": lambda: page_dead_letters(session, DeliveryFilter(issue=HOT)),
        "dead letters, counted": lambda: count_dead_letters(session, DeliveryFilter()),
        "schedule": lambda: page_schedule(session, issue=HOT),
        "proposals": lambda: page_proposals(session, issue=HOT),
        "audit, the newest": lambda: page_audit(session, AuditFilter()),
        "audit, of an issue": lambda: page_audit(session, AuditFilter(issue=RARE)),
        "audit, of a handler": lambda: page_audit(session, AuditFilter(handler="triage")),
        "audit, entry 5": lambda: get_audit_line(session, 5),
        "an issue's story": lambda: explain_issue(session, RARE),
        "short ids of issues": lambda: DeliverySearch(session.redis).labels([(TENANT, HOT)] * 50),
        "journal, 1000 entries": lambda: Journal(session.redis).since("0-0"),
        "outcomes of 48 hours": lambda: read_outcome_counts(session.redis, 48 * 60),
    }


async def measure(question: Question) -> float:
    """Return the median of an answer's milliseconds."""
    times: list[float] = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        await question()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


async def run(url: str, sizes: tuple[int, ...], tell: Callable[[dict[str, Any]], None]) -> list[str]:
    """Measure at each size; return what took too long."""
    client, missed = open_redis(url), list[str]()
    await wait_for(client)
    filling = Filling(client, sizes[-1])
    settings = Settings()
    session = AdminSession("bench", client, settings, settings.require_integration)
    empty = int((await client.info("memory"))["used_memory"])
    for size in sizes:
        await filling.up_to(size)
        used = int((await client.info("memory"))["used_memory"]) - empty
        tell({"stored": size, "name": "memory beside the body", "value": round(used / size - BODY), "unit": "bytes"})
        for name, question in (await questions(session, filling)).items():
            took = await measure(question)
            tell({"stored": size, "name": name, "value": round(took, 2), "unit": "ms"})
            if size == sizes[-1] and took > MOST:
                missed.append(f"{name}: {took:.0f} ms at {size} stored, at most {MOST:.0f}")
    await client.aclose()
    return missed


async def wait_for(client: Any) -> None:
    """Wait until the server answers."""
    end = time.monotonic() + _START
    while True:
        try:
            await client.ping()
        except REDIS_ERRORS:
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.05)
        else:
            return


def main() -> int:
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="up to 100 000 deliveries")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    options = parser.parse_args()

    def tell(found: dict[str, Any]) -> None:
        if options.json:
            print(json.dumps(found), flush=True)
        else:
            print(f"{found['stored']:>9}  {found['name']:<62} {found['value']:>8} {found['unit']}", flush=True)

    machine = look()
    print(machine.describe(), file=sys.stderr)
    with own_server() as url:
        missed = asyncio.run(run(url, SIZES[:2] if options.quick else SIZES, tell))
    for sentence in missed:
        print(f"missed: {sentence}", file=sys.stderr)
    if problem := machine.problem():
        print(f"too busy to judge: {problem}", file=sys.stderr)
        return _BUSY
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
