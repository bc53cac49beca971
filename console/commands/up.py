"""`vedette up`: everything on one machine, started in order, watched, and ended together.

Order matters: the server first, then the receiver, so that the simulated Sentry's first webhook (sent once, like a real
one) finds it listening, and the worker last, because it can wait.
"""

import asyncio
import json
import os
import signal
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Annotated

import httpx2
import structlog
import typer
from redis.exceptions import RedisError
from rich.console import Console

from console.exit_codes import explained
from console.filters import AsJson, seconds_or_exit
from console.instance import find_instance, note_demonstration_url
from console.rendering.display import Display, UnfailingConsole
from console.rendering.live_feed import LiveFeed
from console.rendering.startup_banner import welcome
from console.session import current_user
from console.sign_in_links import make_link
from console.supervisor.child_process import ChildFailedError, ChildProcess
from console.supervisor.instance_lock import UnusableStateDirectoryError, check_state_dir, hold_lock, usable
from console.supervisor.listening_address import addresses_of, check_address
from console.supervisor.log_relay import LogRelay
from console.supervisor.process_specs import ProcessSpecs, make_plan
from console.supervisor.reload import Reloader
from console.supervisor.valkey import wait_until_up
from vedette._core.logging_setup import configure_logging
from vedette._core.user_error import UserError
from vedette.settings.settings import load_settings
from vedette.settings.settings_file import settings_file
from vedette.store.access.handler_roster import HandlerRoster, readable_roster
from vedette.store.console.account import Account
from vedette.store.deliveries.journal import Journal
from vedette.store.server.client import RedisClient
from vedette.store.server.edition import claim_edition
from vedette.store.server.server_check import ServerUnreachableError, UnsafeServerError, check_server, open_redis

GRACE = 3.0
"""Seconds that the processes have to end before they are killed."""
SERVER_GRACE = 1.0
START_PATIENCE = 20.0
FOLLOW_WAIT = 1.0


class NotStartedError(UserError):
    """A process did not get ready in time."""

    def __init__(self, name: str, lines: tuple[str, ...]) -> None:
        self.name = name
        super().__init__("\n".join((f"The {name} did not get ready within {START_PATIENCE:g} s", *lines)))


class NoDemonstrationError(UserError):
    """An option of the demonstration is given where an integration is configured."""

    exit_code = 2

    def __init__(self, option: str) -> None:
        self.option = option
        super().__init__(f"{option} is for the demonstration, and an integration is configured here: leave it out")


STARTUP_ERRORS = (
    *(ChildFailedError, NotStartedError, ServerUnreachableError, UnsafeServerError),
    UnusableStateDirectoryError,
)
"""What keeps `vedette up` from starting; each says what to do."""


def up(
    as_json: AsJson = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show every log line of every process.")] = False,
    reload: Annotated[
        bool, typer.Option("--reload", help="Let a new worker take up plugins and settings that are edited.")
    ] = False,
    has_console: Annotated[
        bool, typer.Option("--console/--no-console", help="Start the web console, and print a link to it.")
    ] = True,
    lost: Annotated[
        str, typer.Option(help="Begin the demonstration after so much time whose webhooks were lost: 1h.")
    ] = "",
) -> None:
    """Run everything on this machine: server, receiver, worker and console, and the gateway if there are agents.

    Without any integration configured it is a demonstration, with a simulated Sentry.
    """
    configure_logging()
    if lost:
        seconds_or_exit(lost)
    with explained():
        instance = find_instance(load_settings())
        check_state_dir(instance.settings.state_dir)
        for address in addresses_of(instance.settings, has_console=has_console):
            check_address(address)
        with usable(instance.state_dir):
            plan = replace(make_plan(instance), lost=lost)
        if lost and not plan.is_demonstration:
            raise NoDemonstrationError("--lost")
        with hold_lock(instance.state_dir):
            # What a program reads goes to standard output, and nothing else does.
            display = Display()
            console = UnfailingConsole(display, stderr=as_json)
            lines = LogRelay(console, verbose=verbose)
            upping = Supervisor(plan, console, lines, display, as_json=as_json, reload=reload, has_console=has_console)
            asyncio.run(upping.run())


@dataclass
class Supervisor:
    """One `vedette up`."""

    plan: ProcessSpecs
    console: Console
    lines: LogRelay
    display: Display
    as_json: bool = False
    reload: bool = False
    """Return whether a new worker takes up plugins that are edited."""
    has_console: bool = False
    children: list[ChildProcess] = field(default_factory=list[ChildProcess])
    server: ChildProcess | None = None

    async def run(self) -> None:
        """Start all processes and run until SIGTERM, Ctrl-C or a process that rejects its settings.

        Raises:
            ChildFailedError: When a process cannot start with these settings.
            NotStartedError: When one does not get ready.
            ServerUnreachableError: When the server that the settings name does not answer.
            UnsafeServerError: When it may throw deliveries away.
        """
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        reading, writing = os.pipe()
        try:
            work = loop.create_task(self._work(reading))
            stopped = loop.create_task(stop.wait())
            await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
            stopped.cancel()
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work
        finally:
            await self._end()
            self.console.print("Ended.")
            os.close(writing)
            os.close(reading)

    async def _work(self, lifeline: int) -> None:
        client = open_redis(self.plan.instance.redis_url)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._start_and_follow(client, group, lifeline))
        except* STARTUP_ERRORS as failures:
            # One is enough to say, and the first is the cause of the others.
            raise failures.exceptions[0] from None
        finally:
            await client.aclose()

    async def _start_and_follow(self, client: RedisClient, group: asyncio.TaskGroup, lifeline: int) -> None:
        instance = self.plan.instance
        if instance.is_embedded:
            self.server = self._child("server", self.plan.server)
            group.create_task(self.server.watch(lifeline))
            if not await asyncio.to_thread(wait_until_up, instance.state_dir):
                raise NotStartedError("server", tuple(self.server.last_lines))
        await check_server(client, instance.redis_url)
        await claim_edition(client)
        journal = Journal(client)
        await journal.start()
        before = await readable_roster(client)
        group.create_task(self._child("receiver", self.plan.receiver).watch(lifeline))
        await self._wait_until_live("receiver", self.plan.instance.receiver_url)
        simulated = await self._start_simulator(group, lifeline) if self.plan.is_demonstration else None
        sentry = {} if simulated is None else {"VEDETTE_SENTRY_URL": simulated}
        worker = self._child("worker", self.plan.worker, sentry)
        group.create_task(worker.watch(lifeline))
        if instance.settings.agents:
            group.create_task(self._child("gateway", self.plan.gateway, sentry).watch(lifeline))
        roster = await self._wait_for_roster(client, before)
        if instance.settings.agents:
            await self._wait_until_live("gateway", instance.settings.gateway.local_url)
        link = await self._start_console(client, group, lifeline, sentry) if self.has_console else ""
        welcome(self.console, self.plan, roster, simulated, link)
        if self.reload:
            group.create_task(self._reloading(client, worker, roster).run())
        await self._follow(journal)

    def _reloading(self, client: RedisClient, worker: ChildProcess, roster: HandlerRoster) -> Reloader:
        async def started() -> HandlerRoster | None:
            with suppress(NotStartedError):
                return await self._wait_for_roster(client, await readable_roster(client))
            return None

        file, plugins = settings_file(os.environ), self.plan.instance.settings.plugins
        return Reloader(worker, self.console, file, plugins, frozenset(roster.problems), started)

    async def _follow(self, journal: Journal) -> None:
        ticker = LiveFeed(self.console, as_json=self.as_json)
        while True:
            try:
                for entry in await journal.follow(FOLLOW_WAIT):
                    self.display.attempt(partial(ticker.show, entry))
            except (RedisError, OSError):
                await asyncio.sleep(FOLLOW_WAIT)

    async def _start_console(
        self, client: RedisClient, group: asyncio.TaskGroup, lifeline: int, sentry: dict[str, str]
    ) -> str:
        """Start the web console; return a link that signs the system's user in once."""
        child = self._child("console", self.plan.console, sentry)
        child.first_line = asyncio.get_running_loop().create_future()
        group.create_task(child.watch(lifeline))
        try:
            announced = await asyncio.wait_for(child.first_line, START_PATIENCE)
        except TimeoutError:
            raise NotStartedError(child.name, tuple(child.last_lines)) from None
        url = self.plan.instance.settings.console.url or announced.rpartition(" ")[2]
        return await make_link(client, url, Account(current_user(), "operator"))

    async def _start_simulator(self, group: asyncio.TaskGroup, lifeline: int) -> str:
        child = self._child("simulated Sentry", self.plan.simulator(0))
        child.first_line = asyncio.get_running_loop().create_future()
        group.create_task(child.watch(lifeline))
        try:
            announced = await asyncio.wait_for(child.first_line, START_PATIENCE)
        except TimeoutError:
            raise NotStartedError(child.name, tuple(child.last_lines)) from None
        url = str(json.loads(announced)["url"])
        with usable(self.plan.instance.state_dir):
            note_demonstration_url(self.plan.instance.state_dir, url)
        # Started again, it must be where the worker looks for it.
        child.command = self.plan.simulator(int(url.rpartition(":")[2]))
        return url

    async def _wait_until_live(self, name: str, url: str) -> None:
        deadline = asyncio.get_running_loop().time() + START_PATIENCE
        async with httpx2.AsyncClient(trust_env=False) as http:
            while asyncio.get_running_loop().time() < deadline:
                with suppress(httpx2.HTTPError):
                    if (await http.get(f"{url}/health/live")).is_success:
                        return
                await asyncio.sleep(0.05)
        raise NotStartedError(name, self._last_lines_of(name))

    async def _wait_for_roster(self, client: RedisClient, before: HandlerRoster | None) -> HandlerRoster:
        deadline = asyncio.get_running_loop().time() + START_PATIENCE
        while asyncio.get_running_loop().time() < deadline:
            roster = await readable_roster(client)
            if roster is not None and (before is None or roster.written > before.written):
                return roster
            await asyncio.sleep(0.05)
        raise NotStartedError("worker", self._last_lines_of("worker"))

    def _last_lines_of(self, name: str) -> tuple[str, ...]:
        return tuple(next(child.last_lines for child in reversed(self.children) if child.name == name))

    def _child(self, name: str, command: list[str], further: dict[str, str] | None = None) -> ChildProcess:
        environment = {**self.plan.environment_of(name), **(further or {})}
        child = ChildProcess(name, command, environment, self._show_line, self._died)
        self.children.append(child)
        return child

    def _show_line(self, name: str, line: str) -> None:
        self.display.attempt(lambda: self.lines.show(name, line))

    def _died(self, name: str, code: int, wait: float) -> None:
        how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        structlog.get_logger().warning(f"the {name} {how}; it is started again in {wait:g} s")

    async def _end(self) -> None:
        others = [child for child in self.children if child is not self.server]
        for child in others:
            child.stop()
        await _gone(others, GRACE)
        if self.server is not None:
            # Last, so that the others can hand back what they hold.
            self.server.stop()
            await _gone([self.server], SERVER_GRACE)


async def _gone(children: list[ChildProcess], grace: float) -> None:
    ends = [asyncio.ensure_future(child.ended()) for child in children]
    if ends:
        _, late = await asyncio.wait(ends, timeout=grace)
        for end in late:
            end.cancel()
    for child in children:
        child.kill()
