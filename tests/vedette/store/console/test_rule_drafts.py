from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import connect
from vedette.store.console.rule_drafts import RuleDrafts
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import rule_draft_key


async def test_a_draft_is_kept_for_two_weeks(client: RedisClient, redis_url: str) -> None:
    draft = await RuleDrafts(client).create("# mine\n", "ann")
    assert await RuleDrafts(client).get(draft.id) == draft
    assert (draft.text, draft.by) == ("# mine\n", "ann")
    with connect(redis_url) as blocking:
        assert 0 < blocking.ttl(rule_draft_key(draft.id)) <= 14 * 86_400


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(stored=st.binary())
async def test_what_is_no_draft_is_none(client: RedisClient, stored: bytes) -> None:
    await client.set(rule_draft_key("one"), stored)
    assert await RuleDrafts(client).get("one") is None
