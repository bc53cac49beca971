from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import connect
from vedette.store.console.bulk_jobs import BulkJob, BulkJobs
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import bulk_job_key


async def test_a_job_is_read_as_it_was_written_and_ends_after_a_day(client: RedisClient, redis_url: str) -> None:
    jobs = BulkJobs(client)
    job = await jobs.create("ann", "did things", 3, "/failed")
    assert await jobs.get(job.id) == job
    assert await jobs.record(job.after("").after("gone").after("gone"))
    found = await jobs.get(job.id)
    assert found is not None
    assert (found.done, found.left, found.tried, found.problems) == (1, 2, 3, ("gone",))
    with connect(redis_url) as blocking:
        assert 0 < blocking.ttl(bulk_job_key(job.id)) <= 86_400


async def test_a_job_that_was_silent_for_long_is_interrupted(client: RedisClient) -> None:
    jobs = BulkJobs(client)
    job = await jobs.create("ann", "did things", 3, "/failed")
    text = (await client.get(bulk_job_key(job.id))) or b""
    await client.set(bulk_job_key(job.id), text.replace(f'"changed":{job.changed}'.encode(), b'"changed":5'))
    found = await jobs.get(job.id)
    assert found is not None
    assert found.state == "interrupted"
    assert not await jobs.stop(job.id)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(stored=st.binary())
async def test_what_is_no_job_is_none(client: RedisClient, stored: bytes) -> None:
    await client.set(bulk_job_key("one"), stored)
    assert await BulkJobs(client).get("one") is None


def test_problems_are_bounded() -> None:
    job = BulkJob("one", "ann", "did things", 100, "/")
    for number in range(100):
        job = job.after(f"{number} " + "x" * 1000)
    assert (job.left, len(job.problems)) == (100, 20)
    assert all(len(one) < 400 for one in job.problems)
