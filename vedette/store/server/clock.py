"""The clock that all processes share: that of Redis.

Processes run on machines with different clocks. Times that one of them writes and another compares (times that are due,
ages, windows, expiry) are taken from here, or from `TIME` inside a script; `time.time()` is for a process's own use.
"""

from vedette.store.server.client import RedisClient


async def server_time(client: RedisClient) -> float:
    """Return the server's clock: seconds since 1970, to the microsecond.

    Raises:
        redis.exceptions.RedisError: The server gives no answer.
    """
    seconds, microseconds = await client.time()
    return float(seconds) + float(microseconds) / 1_000_000
