from collections.abc import Callable
from typing import Any


def test_after_redis_was_emptied_the_roster_is_written_again(site: Any, until: Callable[..., Any]) -> None:
    site.plugin("""
@on("error.created")
async def reader() -> None: ...
""")
    site.start()
    until(lambda: site.client.exists("{vedette}:roster"))
    site.client.flushall()
    assert "reader" in until(lambda: site.client.get("{vedette}:roster"))
