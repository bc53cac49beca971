"""Sets up a worker process when dramatiq's command line imports `workers`, and cleans up when the process ends."""

import gc
import sys
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any, NoReturn

import dramatiq
import structlog
from dramatiq.asyncio import EventLoopThread, get_event_loop_thread
from dramatiq.middleware import Middleware

from vedette._core import parent_watch
from vedette._core.logging_setup import configure_logging, restore_logging, set_log_level
from vedette.api import UnusableTokenError
from vedette.plugins.unawaited import track_unawaited_coroutines
from vedette.settings.settings import DEFAULT_INTEGRATION, Settings, SettingsError, load_settings
from vedette.store.server.embedded import redis_url_of
from vedette.store.server.keys import COUNTS
from vedette.store.server.retrying import REDIS_ERRORS
from vedette.store.server.server_check import UnsafeServerError
from workers.actors import declare_actors, longest_limit
from workers.broker.broker import VedetteBroker
from workers.execution.loop_watchdog import Watchdog
from workers.execution.lost_attempts import LostAttempts
from workers.execution.token_watch import TokenWatch
from workers.observability.access_report import AccessReport
from workers.observability.alarm_loop import AlarmLoop
from workers.observability.audit_head_log import AuditHeadLogger
from workers.observability.metrics_server import MetricsServer
from workers.observability.webhook_watchdog import WebhookWatchdog
from workers.observability.worker_metrics import RedisMetricsCollector
from workers.parent_process import release_parent
from workers.runtime import Runtime, make_runtime
from workers.scheduling.cron_scheduler import CronScheduler
from workers.scheduling.reconcile_scheduler import ReconcileScheduler
from workers.shutdown import Shutdown

if TYPE_CHECKING:
    from collections.abc import Coroutine

_BLOCKADE = 10.0
"""Seconds beyond the longest time limit after which a process with a blocked event loop ends."""
_COLLECT_AFTER = 20_000
"""Number of new objects after which the garbage collector looks for cycles."""
WRONG_SETTINGS = 2
"""The exit code for invalid settings."""


class ProcessRuntime(Middleware):
    """Starts the runtime on the process's event loop and closes it there."""

    def __init__(self, runtime: Runtime, periodic: CronScheduler, ending: Shutdown) -> None:
        self._runtime = runtime
        self._periodic = periodic
        self._lost_attempts = LostAttempts(runtime)
        self._ending = ending
        self._stack = ExitStack()
        self._tokens = TokenWatch(runtime)
        self._access = AccessReport(runtime.registry, lambda: list(runtime.clients.connections.values()))
        self._watchdog = WebhookWatchdog(runtime.settings, runtime.client, runtime.clients)
        self._audit_log = AuditHeadLogger(runtime.clients.services.audit)
        self._reconcile = ReconcileScheduler(runtime.settings, runtime.client)
        audit = runtime.clients.services.audit
        self._alarms = AlarmLoop(runtime.settings, runtime.client, audit, lambda: runtime.worker)

    def before_worker_boot(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        """Check the server and publish the handler list, before the first message is fetched."""
        del broker, worker
        self._stack.enter_context(track_unawaited_coroutines())
        try:
            _on_loop(self._runtime.start())
            _on_loop(self._periodic.start())
            _on_loop(self._lost_attempts.start())
            _on_loop(self._audit_log.start())
            _on_loop(self._alarms.start())
            _on_loop(self._tokens.start())
            _on_loop(self._watchdog.start())
            _on_loop(self._reconcile.start())
            _on_loop(self._access.start())
        except (UnsafeServerError, UnusableTokenError) as error:
            # A loop that still runs would keep the process from ending.
            _loop_thread().stop()
            _refuse(error)
        # The objects of now live as long as the process. And a collection after every 700 new objects, as in one event,
        # would take a fifteenth of the processor's time.
        gc.collect()
        gc.freeze()
        gc.set_threshold(_COLLECT_AFTER)
        self._ending.begin()

    def after_worker_shutdown(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        """Return in-flight runs to the queue, and close the connections while the event loop still runs."""
        del worker
        self._ending.last_phase()
        _on_loop(self._periodic.stop())
        _on_loop(self._lost_attempts.stop())
        _on_loop(self._audit_log.stop())
        _on_loop(self._reconcile.stop())
        _on_loop(self._alarms.stop())
        _on_loop(self._tokens.stop())
        _on_loop(self._watchdog.stop())
        _on_loop(self._access.stop())
        _on_loop(self._runtime.release())
        if isinstance(broker, VedetteBroker):
            # Before the attempts are ended: what they end with then acknowledges no message of theirs.
            broker.requeue_in_flight()
        _on_loop(self._runtime.close())
        self._stack.close()
        self._ending.written_down()


def create_broker(settings: Settings, redis_url: str, ending: Shutdown) -> VedetteBroker:
    """Return the broker of a worker process, with its actors declared.

    Raises:
        SettingsError: When the settings name what no plugin has.
    """
    runtime = make_runtime(settings, redis_url)
    # What plugins have set up for themselves when they were loaded must not end what this process owes its operator.
    ending.restore()
    restore_logging()
    for problem in runtime.registry.problems:
        structlog.get_logger().error("plugin left out", source=problem.source, reason=problem.reason)
    runtime.registry.refuse_unknown_names()
    periodic = CronScheduler(runtime)
    longest = longest_limit(runtime) + _BLOCKADE

    def count(handler: str) -> None:
        with suppress(*REDIS_ERRORS):
            broker.commands.client.hincrby(COUNTS, f"blocked:{handler}", 1)

    middleware: list[Middleware] = [ProcessRuntime(runtime, periodic, ending), Watchdog(longest, count)]
    broker = VedetteBroker(redis_url, middleware, shared=runtime.client)
    runtime.worker = broker.worker_id
    broker.add_middleware(
        MetricsServer(
            settings.worker.metrics_port,
            RedisMetricsCollector(broker.commands.client, settings.integrations),
            broker.silence,
        )
    )
    declare_actors(broker, runtime, periodic)
    return broker


def start() -> None:
    """Set this process up as a worker: log, read settings, make the broker that dramatiq finds.

    Ends the process with exit code 2 and a sentence when the settings cannot work.
    """
    configure_logging()
    ending = Shutdown()
    # First, since the process may end at once for a signal that came before.
    release_parent()
    ending.install()
    parent_watch.start(watch_parent=True)
    try:
        settings = load_settings()
        set_log_level(settings.log_level)
        if not settings.integrations:
            settings.require_integration(DEFAULT_INTEGRATION)
        for name in settings.integrations:
            settings.require_integration(name)
        broker = create_broker(settings, redis_url_of(settings), ending)
    except SettingsError as error:
        _refuse(error)
    dramatiq.set_broker(broker)


def _on_loop(coroutine: "Coroutine[Any, Any, None]") -> None:
    _loop_thread().run_coroutine(coroutine)


def _loop_thread() -> EventLoopThread:
    thread = get_event_loop_thread()
    if thread is None:
        raise RuntimeError("the AsyncIO middleware must come before this one: it owns the event loop")
    return thread


def _refuse(error: Exception) -> NoReturn:
    sys.stderr.write(f"{error}\n")
    raise SystemExit(WRONG_SETTINGS)
