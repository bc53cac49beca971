"""Handlers that are plain functions, and handlers that block."""

from collections.abc import Callable
from typing import Any


def test_plain_functions_run_in_threads_and_are_cut_off_at_their_limit(site: Any, until: Callable[..., Any]) -> None:
    site.plugin("""
import threading

@on("error.created")
def plain(event: Event, ctx: Context) -> None:
    ctx.note(threading.current_thread().name)

@on("error.created", time_limit=0.3, retries=1)
def endless() -> None:
    try:
        while True:
            time.sleep(0.02)
    finally:
        note("tidied")

@on("error.created", retries=1)
def broken() -> None:
    raise ValueError("plainly")
""")
    delivery = site.accept()
    site.start()
    until(lambda: site.client.hget(f"{{vedette}}:delivery:{delivery}", "finished"))
    assert site.run(delivery, "plain")["did"] == '["handler"]'
    assert "HandlerTimeoutError" in site.run(delivery, "endless")["error"]
    assert site.run(delivery, "broken")["error"] == "ValueError: plainly"
    assert site.notes() == ["tidied"]


def test_a_handler_that_blocks_the_loop_is_named_with_its_line_and_counted(
    site: Any, until: Callable[..., Any]
) -> None:
    site.plugin("""
@on("error.created")
async def blocking() -> None:
    time.sleep(1.8)
""")
    delivery = site.accept()
    site.start()
    until(lambda: site.run(delivery, "blocking").get("state") == "done")
    assert "a handler blocks the event loop" in site.log()
    assert "time.sleep(1.8)" in site.log()
    assert site.client.hget("{vedette}:counts", "blocked:blocking") == "1"


def test_a_blockade_beyond_every_limit_ends_the_process_and_is_that_run_s_death(
    site: Any, until: Callable[..., Any]
) -> None:
    site.plugin("""
import workers.bootstrap
workers.bootstrap._BLOCKADE = 1.0

@on("error.created", time_limit=0.5)
async def stuck() -> None:
    time.sleep(60)
""")
    site.variables["VEDETTE_WORKER__TIME_LIMIT"] = "0.5"
    site.variables["VEDETTE_WORKER__DEATHS"] = "1"
    delivery = site.accept()
    process = site.start()
    until(lambda: process.poll() is not None)
    site.start()
    until(lambda: site.run(delivery, "stuck")["state"] == "quarantined")
