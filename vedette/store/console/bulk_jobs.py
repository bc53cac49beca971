"""Stores the progress of orders on many things at once, so that every console shows it and can stop it."""

from dataclasses import dataclass, replace
from typing import Final, Literal

import msgspec

from vedette._core.printable import cropped
from vedette.store.console.secret_text import new_secret, short_id
from vedette.store.server.client import RedisClient
from vedette.store.server.clock import server_time
from vedette.store.server.keys import bulk_job_key, bulk_job_stop_key

JobState = Literal["running", "ended", "stopped", "interrupted"]
_KEPT: Final = 86_400_000
"""Milliseconds for which a job is kept after its last step."""
_SILENT: Final = 120_000
"""Milliseconds without a step after which its process is taken to be gone."""
_MOST_PROBLEMS: Final = 20
_LONGEST: Final = 300


@dataclass(frozen=True)
class BulkJob:
    """An order on many things, and how far it has come."""

    id: str
    by: str
    intent: str
    """The order in past tense, such as `replayed 12 dead runs of triage`."""
    total: int
    back: str
    """The path of the page that it was ordered on."""
    done: int = 0
    left: int = 0
    """Those that were tried and could not be done."""
    problems: tuple[str, ...] = ()
    """The first reasons, each once."""
    state: JobState = "running"
    """`interrupted` where its process ended before it did."""
    started: int = 0
    """Unix time in milliseconds, as is `changed`."""
    changed: int = 0

    @property
    def tried(self) -> int:
        """Return how many were tried."""
        return self.done + self.left

    def after(self, reason: str) -> "BulkJob":
        """Return it after one more: done, or left for a reason."""
        if not reason:
            return replace(self, done=self.done + 1)
        known = self.problems
        shown = cropped(reason, _LONGEST)
        more = (shown,) if shown not in known and len(known) < _MOST_PROBLEMS else ()
        return replace(self, left=self.left + 1, problems=(*known, *more))


class BulkJobs:
    """The bulk jobs in Redis."""

    def __init__(self, client: RedisClient) -> None:
        self._client = client

    async def create(self, by: str, intent: str, total: int, back: str) -> BulkJob:
        """Store a new job and return it."""
        now = await self._now()
        job = BulkJob(short_id(new_secret()), by, intent, total, back, started=now, changed=now)
        await self._write(job)
        return job

    async def get(self, identifier: str) -> BulkJob | None:
        """Return a job; None if there is none of this id, or it is past its age."""
        job = _read(await self._client.get(bulk_job_key(identifier)))
        if job is None or job.state != "running" or await self._now() - job.changed < _SILENT:
            return job
        return replace(job, state="interrupted")

    async def record(self, job: BulkJob) -> bool:
        """Store the progress of a job; return whether it is to go on, which `stop` ends."""
        await self._write(replace(job, changed=await self._now()))
        return not await self._client.exists(bulk_job_stop_key(job.id))

    async def stop(self, identifier: str) -> bool:
        """Let a job end after its present step; return whether it was running."""
        job = await self.get(identifier)
        if job is None or job.state != "running":
            return False
        await self._client.set(bulk_job_stop_key(identifier), "1", px=_KEPT)
        return True

    async def _now(self) -> int:
        return round(await server_time(self._client) * 1000)

    async def _write(self, job: BulkJob) -> None:
        await self._client.set(bulk_job_key(job.id), msgspec.json.encode(job), px=_KEPT)


def _read(stored: bytes | None) -> BulkJob | None:
    try:
        return None if stored is None else msgspec.json.decode(stored, type=BulkJob)
    except (msgspec.DecodeError, RecursionError):
        return None
