from vedette.store.server.client import RedisClient
from vedette.store.server.clock import server_time


async def test_the_servers_clock_is_read_in_seconds(client: RedisClient) -> None:
    before = await server_time(client)
    assert before > 1_700_000_000
    assert await server_time(client) >= before
