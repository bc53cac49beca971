"""Carries out one order on many things, with progress, a stop, and one entry in the audit for all of them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

from vedette.admin.connections import policy_services
from vedette.admin.session import AdminSession
from vedette.store.console.bulk_jobs import BulkJob, BulkJobs


async def start_bulk_job(session: AdminSession, intent: str, total: int, back: str) -> BulkJob:
    """Store an order on many things, which `carry_out_bulk_job` then carries out; return it.

    Args:
        session: The caller.
        intent: The order in past tense, such as `replayed 12 dead runs of triage`.
        total: On how many things.
        back: The path of the page that it is ordered on.
    """
    return await BulkJobs(session.redis).create(session.by, intent, total, back)


async def get_bulk_job(session: AdminSession, identifier: str) -> BulkJob | None:
    """Return an order on many things; None if there is none of this id, or it is past its age."""
    return await BulkJobs(session.redis).get(identifier)


async def stop_bulk_job(session: AdminSession, identifier: str) -> bool:
    """Let an order on many things end after its present step; return whether it was going on."""
    return await BulkJobs(session.redis).stop(identifier)


async def carry_out_bulk_job(
    session: AdminSession, job: BulkJob, reasons: AsyncIterator[str], *, handler: str = "", pace: float = 0.0
) -> BulkJob:
    """Carry out a stored order, and return it at its end; where the audit cannot be written, nothing is done.

    Args:
        session: The caller.
        job: The order.
        reasons: Does the next thing each time it is asked, and yields the reason why that could not be done; empty if
            it was done.
        handler: The handler that all things are of, for the audit.
        pace: Seconds between two things.

    Raises:
        AuditBusyError, UnreadableAuditError: The audit cannot be written.
    """
    audit, jobs = policy_services(session).audit, BulkJobs(session.redis)
    about = {"handler": handler}
    order = await audit.append("order", {**about, "intent": job.intent, "decision": f"ordered by {session.by}"})
    ended = replace(job, state="interrupted")
    try:
        async for reason in reasons:
            ended = replace(ended.after(reason), state="interrupted")
            if not await jobs.record(replace(ended, state="running")):
                ended = replace(ended, state="stopped")
                break
            await asyncio.sleep(pace)
        else:
            ended = replace(ended, state="ended")
    finally:
        await jobs.record(ended)
        facts = {"of": order, **about, "done": ended.done, "left": ended.left}
        await audit.append("outcome", facts | _shortfall(ended))
    return ended


def _shortfall(job: BulkJob) -> dict[str, str]:
    """Return the error of an order of which something is left."""
    if job.done == job.total:
        return {}
    words = {"stopped": ", since it was stopped", "interrupted": ", since its process ended"}
    return {"error": f"{job.done} of {job.total} done{words.get(job.state, '')}"}
