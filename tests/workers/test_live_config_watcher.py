"""The watcher survives whatever a check does, and does not keep the process alive."""

import asyncio
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import structlog

from vedette.authoring.cron import Cron
from vedette.plugins.discovery import discover
from vedette.plugins.registry import Registry
from vedette.settings.settings import Settings
from workers.live_config_watcher import LiveConfigWatcher


@dataclass
class OddConfig:
    """A live configuration that runs a given function at each check."""

    looks: Iterator[Callable[[], bool]]
    patterns: tuple[str, ...] = ("issue.created",)
    crons: tuple[Cron, ...] = ()
    needs: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    summary: str = ""
    problem: str = ""
    count: int = field(default=0)

    def refresh(self) -> bool:
        self.count += 1
        return next(self.looks, lambda: False)()


def raising(error: BaseException) -> Callable[[], bool]:
    def look() -> bool:
        raise error

    return look


def registry_with(guide: OddConfig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Registry:
    plugin = tmp_path / "odd.py"
    plugin.write_text(
        "from vedette import on\nimport sys\n"
        "@on(guide=lambda own: sys.modules['odd_config_of_a_test'].guide)\nasync def odd(event): ...\n"
    )
    module = type(sys)("odd_config_of_a_test")
    module.__dict__["guide"] = guide
    monkeypatch.setitem(sys.modules, "odd_config_of_a_test", module)
    return discover(Settings(plugins=(plugin,)), frozenset({"issue.created"}))


@pytest.mark.parametrize(
    "error",
    [
        RecursionError("too deep"),
        ValueError("no"),
        SystemExit(3),
        KeyboardInterrupt(),
        asyncio.CancelledError(),
        GeneratorExit(),
        BaseException("odd"),
        MemoryError(),
    ],
)
async def test_a_look_that_fails_is_told_and_the_next_one_counts(
    error: BaseException, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def turned() -> bool:
        guide.patterns = ("issue.resolved",)
        return True

    guide = OddConfig(iter([raising(error), raising(error), turned]))
    registry = registry_with(guide, monkeypatch, tmp_path)
    published = asyncio.Event()

    async def publish(*, only_if_missing: bool) -> None:
        if not only_if_missing:
            published.set()

    with structlog.testing.capture_logs() as lines:
        task = asyncio.create_task(LiveConfigWatcher(registry, publish, interval=0.01).run())
        async with asyncio.timeout(10):
            await published.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
    assert registry.handlers["odd"].patterns == ("issue.resolved",)
    told = [line for line in lines if line["log_level"] == "error"]
    assert len(told) == 1
    assert type(error).__name__ in told[0]["problem"]


async def test_a_failure_to_publish_does_not_end_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    guide = OddConfig(iter([lambda: True]))
    registry = registry_with(guide, monkeypatch, tmp_path)
    published = 0
    twice = asyncio.Event()

    async def publish(*, only_if_missing: bool) -> None:
        nonlocal published
        # What could not be published is published by a later look, though nothing changed since.
        published += not only_if_missing
        if published == 2:
            twice.set()
        raise RuntimeError("no")

    task = asyncio.create_task(LiveConfigWatcher(registry, publish, interval=0.01).run())
    async with asyncio.timeout(10):
        await twice.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_look_that_hangs_is_told_and_ends_with_the_task(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    gate, begun = threading.Event(), threading.Event()

    def hang() -> bool:
        begun.set()
        return gate.wait()

    monkeypatch.setattr("workers.live_config_watcher.SLOW", 0.01)
    guide = OddConfig(iter([hang]))
    registry = registry_with(guide, monkeypatch, tmp_path)

    async def publish(*, only_if_missing: bool) -> None: ...

    with structlog.testing.capture_logs() as lines:
        task = asyncio.create_task(LiveConfigWatcher(registry, publish, interval=0.01).run())
        await asyncio.to_thread(begun.wait, 10)
        while not any("hangs" in line["event"] for line in lines):  # noqa: ASYNC110 - a list of lines has no event
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert (task.cancelled(), guide.count) == (True, 1)
    gate.set()


def test_a_process_ends_though_a_look_hangs() -> None:
    code = (
        "import asyncio, signal, threading\n"
        "from workers.live_config_watcher import LiveConfigWatcher\n"
        "class Hanging:\n"
        "    handlers = {}\n"
        "    def refresh(self):\n"
        "        print('hangs', flush=True)\n"
        "        threading.Event().wait()\n"
        "async def main():\n"
        "    task = asyncio.create_task(LiveConfigWatcher(Hanging(), None, interval=0).run())\n"
        "    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)\n"
        "    await asyncio.wait([task])\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "hangs\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
