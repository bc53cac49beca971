"""How a worker process ends: on SIGTERM whatever it waits for, and when its event loop has ended."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.ports import free_port

Until = Callable[..., Any]


PATIENCE = 60.0
"""Seconds for a process to end on a busy machine."""
NEVER = ("--worker-fork-timeout", "1800000")
"""Has dramatiq's main process wait for its workers longer than any test."""
SLOW_IMPORT = """
import importlib.abc, os, signal, sys, time

class Slow(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "workers.bootstrap":
            open("importing", "w").close()
            while not os.path.exists("go"):
                time.sleep(0.01)

sys.meta_path.insert(0, Slow())
"""
"""A sitecustomize module: the import of Vedette takes until the file `go` exists."""


def ended(process: "subprocess.Popen[bytes]", until: Until) -> int:
    """Stop a worker, and return its exit code."""
    process.send_signal(signal.SIGTERM)
    return until(lambda: process.poll() is not None, PATIENCE) and process.returncode


def worker_of(process: "subprocess.Popen[bytes]") -> int:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    (worker,) = (int(one) for one in children.read_text().split())
    return worker


def test_a_worker_that_waits_for_redis_ends_at_sigterm(site: Any, until: Until) -> None:
    site.plugin("")
    site.url = f"redis://127.0.0.1:{free_port()}/0"
    process = site.start(*NEVER)
    until(lambda: "waiting for Redis" in site.log())
    assert ended(process, until) == 0


def test_a_signal_to_all_processes_ends_a_worker_that_waits_for_redis(site: Any, until: Until) -> None:
    site.plugin("")
    site.url = f"redis://127.0.0.1:{free_port()}/0"
    process = site.start(*NEVER)
    until(lambda: "waiting for Redis" in site.log())
    os.killpg(process.pid, signal.SIGTERM)
    assert until(lambda: process.poll() is not None, PATIENCE)
    assert process.returncode == 0


def test_a_signal_that_comes_while_vedette_is_imported_ends_a_worker(site: Any, until: Until) -> None:
    site.plugin("")
    site.url = f"redis://127.0.0.1:{free_port()}/0"
    (site.folder / "sitecustomize.py").write_text(SLOW_IMPORT)
    site.variables["PYTHONPATH"] = str(site.folder)
    process = site.start(*NEVER)
    until((site.folder / "importing").exists)
    os.kill(worker_of(process), signal.SIGTERM)
    (site.folder / "go").touch()
    assert until(lambda: process.poll() is not None, PATIENCE)
    assert "waiting for Redis" not in site.log()


def test_the_worker_command_passes_sigterm_on_before_its_workers_are_ready(site: Any, until: Until) -> None:
    site.plugin("")
    environment = {
        **os.environ,
        "VEDETTE_REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
        "VEDETTE_CLIENT_SECRET": "secret-of-the-tests",
        "VEDETTE_TOKEN": "sntryi_" + "a" * 64,
        "VEDETTE_ORGANIZATION": "acme",
    }
    with (site.folder / "log").open("ab") as log:
        command = [sys.executable, "-m", "console", "worker"]
        process = subprocess.Popen(
            command, cwd=site.folder, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    site.processes.append(process)
    until(lambda: "waiting for Redis" in site.log())
    assert ended(process, until) == 0


def test_a_plugin_that_blocks_at_import_does_not_keep_a_worker_from_ending(site: Any, until: Until) -> None:
    site.plugin("""
note("importing")
while True:
    try:
        time.sleep(3600)
    except BaseException:
        pass
""")
    process = site.start(*NEVER)
    until(site.notes)
    assert ended(process, until) == 0


def test_threads_and_signal_handlers_of_plugins_do_not_keep_a_worker_from_ending(site: Any, until: Until) -> None:
    site.plugin("""
import signal, threading

threading.Thread(target=time.sleep, args=(3600,), name="scheduler of a plugin").start()
signal.signal(signal.SIGTERM, signal.SIG_IGN)

@on("error.created")
async def handler() -> None:
    asyncio.get_running_loop().run_in_executor(None, time.sleep, 3600)
""")
    delivery = site.accept()
    process = site.start("--worker-shutdown-timeout", "300")
    until(lambda: site.run(delivery, "handler").get("state") == "done")
    assert ended(process, until) == 0
    assert "scheduler of a plugin" in site.log()
    assert site.client.zcard("{vedette}:workers") == 0


def test_a_handler_that_blocks_the_loop_does_not_keep_a_worker_from_ending(site: Any, until: Until) -> None:
    site.plugin("""
import workers.shutdown
workers.shutdown.LAST_PHASE = 0.5

@on("error.created")
async def handler() -> None:
    note("blocking")
    time.sleep(3600)
""")
    site.accept()
    process = site.start("--worker-shutdown-timeout", "300")
    until(site.notes)
    assert ended(process, until) != 0


@pytest.mark.parametrize("does", ["loop.call_soon(sys.exit, 0)", "loop.stop()"])
def test_a_loop_that_has_ended_ends_its_process_and_is_the_run_s_death(site: Any, until: Until, does: str) -> None:
    site.plugin(f"""
@on("error.created")
async def deadly() -> None:
    loop = asyncio.get_running_loop()
    {does}
    await asyncio.sleep(60)

@on("error.created", order=False)
async def fine() -> None:
    await asyncio.sleep(0.1)
""")
    site.variables["VEDETTE_WORKER__DEATHS"] = "1"
    delivery = site.accept()
    process = site.start()
    assert until(lambda: process.poll() is not None, PATIENCE)
    assert process.returncode == 70
    assert "the event loop has ended" in site.log()
    site.start()
    until(lambda: site.run(delivery, "deadly")["state"] == "quarantined")
    assert site.run(delivery, "deadly")["crashes"] == "1"


def test_the_log_stays_as_it_was_when_a_plugin_sets_up_logging(site: Any, until: Until) -> None:
    site.plugin("""
import logging
logging.basicConfig(force=True, level=logging.DEBUG, format="PLAIN %(message)s")

@on("error.created")
async def handler(log) -> None:
    log.info("from the handler")
""")
    delivery = site.accept()
    site.start()
    until(lambda: site.run(delivery, "handler").get("state") == "done")
    until(lambda: "run is done" in site.log())
    lines = site.log().splitlines()
    assert [line for line in lines if line.startswith("PLAIN")] == []
    events = [json.loads(line) for line in lines if line.startswith("{")]
    assert "from the handler" in [event["event"] for event in events]
    assert "a plugin changed the logging configuration" in site.log()


def test_a_second_sigterm_ends_a_worker_at_once_and_never_hangs_it(site: Any, until: Until) -> None:
    site.plugin("""
@on("error.created")
async def handler() -> None:
    note("waiting")
    await asyncio.sleep(3600)
""")
    site.accept()
    process = site.start("--worker-shutdown-timeout", "3600000")
    until(site.notes)
    worker = worker_of(process)

    def is_ended_by_another() -> bool:
        # Two that come before Python has looked are one; so they are sent until one ends it.
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGTERM)
            time.sleep(0.2)
        return process.poll() is not None

    assert until(is_ended_by_another, PATIENCE)
    assert process.returncode == 1
