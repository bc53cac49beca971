"""What the receiver stores is what the rest of Vedette reads."""

from tests.receiver.running import Running, Store
from tests.receiver.sentry import issue_body
from vedette.store.connection import open_redis
from vedette.store.deliveries import Deliveries
from vedette.store.own_writes import OwnWrites


async def test_a_stored_delivery_is_read_whole_and_shows_what_became_of_it(
    receiver: Running, store: Store, redis_url: str
) -> None:
    identifier = (await receiver.hook(issue_body(42))).json()["delivery"]
    client = open_redis(redis_url)
    try:
        deliveries = Deliveries(client)
        found = await deliveries.get(identifier)
        assert found.body == issue_body(42)
        assert found.headers["sentry-hook-resource"] == "issue"
        assert (found.summary.integration, found.summary.source, found.summary.subject) == (
            "default",
            "webhook",
            "issue:42",
        )
        assert (found.summary.issue, found.summary.size) == ("42", len(issue_body(42)))
        assert [found.summary] == await deliveries.latest() == [await deliveries.summary(identifier)]
        noted = await OwnWrites(client, 60.0).note("42", "triage", ["issue.resolved"], "", person=False)
        look = await deliveries.look(identifier)
        assert (look.summary, look.whole, list(look.own_writes)) == (found.summary, found, [noted.encode()])
        await deliveries.quarantine(identifier, "unreadable")
        assert (await deliveries.summary(identifier)).quarantined == "unreadable"
    finally:
        await client.aclose()
    assert "integration" not in [name.decode() for name in store.client.hkeys("{vedette}:delivery:" + identifier)]
