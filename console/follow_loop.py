"""Runs a command that goes on until Ctrl-C, through outages of Redis."""

import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final, TypeVar

from console.rendering.terminal import echo
from console.session import ask
from vedette.admin.session import AdminSession
from vedette.store.server.retrying import REDIS_ERRORS

_PAUSE: Final = 1.0
_Row = TypeVar("_Row")


def follow(
    begin: Callable[[AdminSession], Awaitable[Sequence[_Row]]],
    events: Callable[[AdminSession], Awaitable[AsyncIterator[_Row]]],
    show: Callable[[_Row], object],
) -> None:
    """Show what is there, then what happens, until Ctrl-C.

    Args:
        begin: Returns what is there, the newest first.
        events: Begins to watch, and returns what happens from then on.
        show: Shows one of those.
    """
    is_first, is_away = True, False

    async def run(session: AdminSession) -> None:
        nonlocal is_first, is_away
        # Watched from before the listing on, so that nothing falls between the two.
        source = await events(session)
        is_away = False
        for row in reversed(await begin(session)) if is_first else ():
            show(row)
        is_first = False
        sys.stdout.flush()
        async for row in source:
            show(row)
            sys.stdout.flush()

    with suppress(KeyboardInterrupt):
        while True:
            try:
                ask(run)
            except BrokenPipeError:
                raise
            except REDIS_ERRORS as error:
                if is_first:
                    raise
                if not is_away:
                    echo(f"Redis does not answer ({error}); what happens meanwhile is not shown", err=True)
                is_away = True
                time.sleep(_PAUSE)
