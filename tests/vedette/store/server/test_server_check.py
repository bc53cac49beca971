from typing import Any, cast

import pytest

from vedette.store.server.client import RedisClient
from vedette.store.server.server_check import (
    NotPermittedError,
    ServerUnreachableError,
    UnsafeServerError,
    check_server,
    open_redis,
)
from vedette.store.server.url import without_password


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://:pw@h:6379/0", "redis://:***@h:6379/0"),
        ("rediss://u:p@w@h", "rediss://u:***@h"),
        ("redis://h", "redis://h"),
        ("redis+sentinel://u:pw@h,i/s/0", "redis+sentinel://u:***@h,i/s/0"),
        ("redis://h?password=pw&db=1&ssl_password=pw", "redis://h?password=***&db=1&ssl_password=***"),
        ("redis://:p?w@h", "redis://:***@h"),
        ("unix:///run/valkey.sock", "unix:///run/valkey.sock"),
    ],
)
def test_a_password_is_never_shown(url: str, shown: str) -> None:
    assert without_password(url) == shown


async def test_a_server_that_keeps_everything_is_taken(client: RedisClient, redis_url: str) -> None:
    assert await check_server(client, redis_url) is False


async def test_a_server_that_evicts_is_refused(client: RedisClient, redis_url: str) -> None:
    await client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        with pytest.raises(UnsafeServerError, match="maxmemory-policy noeviction"):
            await check_server(client, redis_url)
    finally:
        await client.config_set("maxmemory-policy", "noeviction")


async def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    url = "redis://:hunter2@127.0.0.1:1"
    client = open_redis(url)
    with pytest.raises(ServerUnreachableError, match="VEDETTE_REDIS_URL") as raised:
        await check_server(client, url)
    assert "hunter2" not in str(raised.value)
    await client.aclose()


@pytest.mark.parametrize("rights", ["+@read +info +select +client", "-@all +auth +hello +client"])
async def test_a_user_that_may_not_write_is_refused_with_what_it_needs(
    client: RedisClient, redis_url: str, rights: str
) -> None:
    await cast("Any", client).execute_command("ACL", "SETUSER", "reader", "on", ">hunter2", "~*", *rights.split())
    limited = open_redis(redis_url.replace("unix://", "unix://reader:hunter2@"))
    try:
        with pytest.raises(NotPermittedError, match=r"does not let Vedette's user write .*ACL SETUSER NAME"):
            await check_server(limited, redis_url)
    finally:
        await limited.aclose()
        await cast("Any", client).execute_command("ACL", "DELUSER", "reader")
