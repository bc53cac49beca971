"""Processes a message as dramatiq's worker threads do, with the same signals for middleware, on the event loop.

An asynchronous actor runs as a part of the message's task. A plain actor gets a thread of its own, and with it the
time limit of dramatiq's middleware, which interrupts threads. So do the signals after a failure: middleware such as
`Retries` then sends messages, and waits for Redis.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from inspect import iscoroutinefunction
from typing import Any, cast

import dramatiq
import structlog
from dramatiq.broker import MessageProxy
from dramatiq.errors import ActorNotFound, RateLimitExceeded, Retry
from dramatiq.middleware import Middleware, SkipMessage, TimeLimit
from dramatiq.middleware.time_limit import TimeLimitExceeded

from vedette.plugins.daemon_thread import run_in_daemon_thread

_MILLISECONDS = 1000


class ThreadTimeLimit(TimeLimit):
    """dramatiq's time limit, for plain actors alone: it interrupts threads, and asynchronous ones share one."""

    def before_process_message(self, broker: dramatiq.Broker, message: MessageProxy) -> None:
        """Start the time limit of this thread."""
        actors: Any = broker
        if coroutine_function(actors.get_actor(message.actor_name)) is None:
            super().before_process_message(broker, message)


class MessageProcessor:
    """Processes the messages of one broker."""

    def __init__(self, broker: dramatiq.Broker) -> None:
        self._broker: Any = broker
        self._receivers: dict[str, list[Callable[..., None]]] = {}

    async def process(self, message: MessageProxy) -> None:
        """Run the actor of a message, and mark the message as failed if that is its end."""
        try:
            actor = self._broker.get_actor(message.actor_name)
        except ActorNotFound as error:
            structlog.get_logger().exception("message for an unknown actor is kept apart", actor=message.actor_name)
            message.fail()
            message.stuff_exception(error)
            return
        function = coroutine_function(actor)
        if function is None:
            await run_in_daemon_thread(partial(self._process_in_thread, message, actor), name="actor")
        else:
            await self._process(message, actor, partial(function, *message.args, **message.kwargs))
        message.clear_exception()

    def emit_before(self, signal: str, message: MessageProxy) -> None:
        """Call the middleware that listens to a signal."""
        for receive in self._find_receivers(f"before_{signal}"):
            receive(self._broker, message)

    def emit_after(self, signal: str, message: MessageProxy, **facts: Any) -> None:
        """Call the middleware that listens to a signal, in reverse order; one that fails does not stop the others."""
        for receive in reversed(self._find_receivers(f"after_{signal}")):
            try:
                receive(self._broker, message, **facts)
            except Exception:  # noqa: BLE001 - the boundary to others' middleware
                structlog.get_logger().exception("middleware failed", signal=signal)

    async def _process(self, message: MessageProxy, actor: Any, run: Callable[[], Awaitable[Any]]) -> None:
        try:
            self.emit_before("process_message", message)
            if not message.failed:
                await _run_within(_time_limit(message, actor), run)
        except SkipMessage as error:
            self._note_skipped(message, error)
        except (Exception, TimeLimitExceeded) as error:  # noqa: BLE001 - the boundary to actors
            self._note_failed(message, actor, error)
            # Middleware sends a message again, which waits for Redis.
            await run_in_daemon_thread(partial(self._emit_failed, message, error), name="failed message")
        else:
            self.emit_after("process_message", message, result=None)

    def _process_in_thread(self, message: MessageProxy, actor: Any) -> None:
        try:
            self.emit_before("process_message", message)
            result = None if message.failed else actor(*message.args, **message.kwargs)
        except SkipMessage as error:
            self._note_skipped(message, error)
        except BaseException as error:  # noqa: BLE001 - the boundary to actors, which a time limit interrupts
            self._note_failed(message, actor, error)
            self._emit_failed(message, error)
        else:
            self.emit_after("process_message", message, result=result)

    def _note_skipped(self, message: MessageProxy, error: SkipMessage) -> None:
        if message.failed:
            message.stuff_exception(error)
        structlog.get_logger().warning("message was skipped", message=message.message_id)
        self.emit_after("skip_message", message)

    def _note_failed(self, message: MessageProxy, actor: Any, error: BaseException) -> None:
        message.stuff_exception(error)
        throws = message.options.get("throws") or actor.options.get("throws")
        is_expected = isinstance(error, RateLimitExceeded | Retry) or (throws and isinstance(error, throws))
        if not is_expected:
            structlog.get_logger().error("actor failed", actor=actor.actor_name, exc_info=error)

    def _emit_failed(self, message: MessageProxy, error: BaseException) -> None:
        self.emit_after("process_message", message, exception=error)

    def _find_receivers(self, name: str) -> list[Callable[..., None]]:
        """Return the methods of middleware that do something at a signal."""
        found = self._receivers.get(name)
        if found is None:
            own: list[Middleware] = self._broker.middleware
            unused = getattr(Middleware, name)
            found = [getattr(one, name) for one in own if getattr(type(one), name) is not unused]
            self._receivers[name] = found
        return found


def coroutine_function(actor: Any) -> Callable[..., Awaitable[Any]] | None:
    """Return the coroutine function of an asynchronous actor, which dramatiq has wrapped for threads; else None."""
    function = getattr(actor.fn, "__wrapped__", None)
    return cast("Callable[..., Awaitable[Any]]", function) if iscoroutinefunction(function) else None


async def _run_within(limit: float | None, run: Callable[[], Awaitable[Any]]) -> None:
    timeout = asyncio.timeout(limit)
    try:
        async with timeout:
            await run()
    except TimeoutError:
        if timeout.expired():
            raise TimeLimitExceeded from None
        raise


def _time_limit(message: MessageProxy, actor: Any) -> float | None:
    limit = message.options.get("time_limit") or actor.options.get("time_limit")
    return None if limit is None or limit == float("inf") else limit / _MILLISECONDS
