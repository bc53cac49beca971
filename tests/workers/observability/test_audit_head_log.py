"""The audit's newest entry is kept in the log, out of Redis' reach."""

import asyncio

from structlog.testing import capture_logs

from vedette.store.access.audit_log import Audit
from vedette.store.server.server_check import open_redis
from workers.observability.audit_head_log import AuditHeadLogger


async def test_each_new_head_is_logged_once_and_what_was_logged_can_be_expected(redis_url: str) -> None:
    client = open_redis(redis_url)
    try:
        audit = Audit(client, 3600.0)
        with capture_logs() as lines:
            log = AuditHeadLogger(audit, each=0.001)
            await log.start()
            await audit.append("call", {"intent": "did one"})
            async with asyncio.timeout(30):
                while not lines:  # noqa: ASYNC110 - the log has no event for it
                    await asyncio.sleep(0.005)
            await asyncio.sleep(0.02)
            await audit.append("call", {"intent": "did two"})
            await log.stop()
        assert [line["event"] for line in lines] == ["newest entry of the audit"] * 2
        assert [line["entry"].partition("-")[0] for line in lines] == ["1", "2"]
        for line in lines:
            assert (await audit.verify(line["entry"])).expected_found
    finally:
        await client.aclose()
