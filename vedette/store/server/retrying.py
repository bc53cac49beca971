"""Classifies Redis errors as transient or permanent, and retries the transient ones."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from redis.exceptions import AskError, BusyLoadingError, NoScriptError, RedisError, ResponseError, TryAgainError
from redis.exceptions import ConnectionError as LostConnectionError
from redis.exceptions import TimeoutError as NoAnswerError

from vedette._core.backoff import Backoff

_PASSING = (
    *("OOM", "READONLY", "LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "MISCONF", "NOREPLICAS"),
    *("BUSY", "Script attempted to access a non local key", "ERR Script attempted to access a non local key"),
)
"""How a server begins the refusals that pass by themselves: it is full, starting, failing over, or cannot write.

The last one is a Cluster's in the middle of moving the keys of a slot one by one.
"""
OUTAGE_BACKOFF = Backoff(first=0.05, longest=1.0)
_Result = TypeVar("_Result")

REDIS_ERRORS = (RedisError, OSError)
"""What a command can end with."""


def is_outage(error: Exception) -> bool:
    """Return whether the same command can succeed later without anybody correcting it.

    redis-py's TimeoutError is no ConnectionError, and a full server's refusal is neither.
    """
    if isinstance(error, LostConnectionError | NoAnswerError | BusyLoadingError | OSError):
        return True
    if isinstance(error, AskError | TryAgainError | NoScriptError):
        # The keys are moving to another node; or the script was sent to one server and called on the next.
        return True
    if not isinstance(error, ResponseError):
        return False
    text = str(error)
    # redis-py takes the code away from some errors and keeps it in their class's name.
    names = {kind.__name__ for kind in type(error).__mro__}
    return text.startswith(_PASSING) or bool(names & {"OutOfMemoryError", "ReadOnlyError", "ClusterDownError"})


async def retry_until_available(step: Callable[[], Awaitable[_Result]]) -> _Result:
    """Repeat `step` until Redis answers, however long it is away; `step` must be safe to repeat.

    Raises:
        RedisError: A refusal that no repetition changes.
    """
    failures = 0
    while True:
        failures += 1
        try:
            return await step()
        except REDIS_ERRORS as error:
            if not is_outage(error):
                raise
            if OUTAGE_BACKOFF.after(failures) >= OUTAGE_BACKOFF.longest:
                structlog.get_logger().warning("Redis does not answer; waiting for it", problem=str(error))
        await asyncio.sleep(OUTAGE_BACKOFF.after(failures))


def outlast_in_thread(step: Callable[[], _Result]) -> _Result:
    """Do as `retry_until_available`, in a thread that may wait.

    Raises:
        RedisError: A refusal that no repetition changes.
    """
    failures = 0
    while True:
        failures += 1
        try:
            return step()
        except REDIS_ERRORS as error:
            if not is_outage(error):
                raise
        time.sleep(OUTAGE_BACKOFF.after(failures))
