"""Records coroutines that authors' code never awaited in its scope, so that its run fails.

A call without `await` does nothing, and Python only writes a warning to the log.
"""

import gc
import threading
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import Any

from vedette.plugins.author_errors import format_value
from vedette.plugins.author_scope import SCOPE

_MOST_FORGOTTEN = 20
_HOOK = "_warn_unawaited_coroutine"
"""The name in `warnings` that the interpreter calls for a coroutine that was never awaited (Python 3.7 to 3.14)."""


@contextmanager
def track_unawaited_coroutines() -> Generator[None]:
    """Let coroutines that authors' code never awaits be known to its scope instead of being warned of."""
    before = getattr(warnings, _HOOK, None)
    collecting: set[int] = set()

    def on_collection(phase: str, _info: dict[str, int]) -> None:
        ident = threading.get_ident()
        if phase == "start":
            collecting.add(ident)
        else:
            collecting.discard(ident)

    def note(coroutine: Any) -> None:
        scope = SCOPE.get()
        # The garbage collector frees objects in whichever run it happens to start, so their scope is unknown.
        if scope is None or scope.warns or threading.get_ident() in collecting:
            _warn(before, coroutine)
        elif len(scope.forgotten) < _MOST_FORGOTTEN:
            scope.forgotten.append(format_value(coroutine.__qualname__))

    gc.callbacks.append(on_collection)
    setattr(warnings, _HOOK, note)
    try:
        yield
    finally:
        setattr(warnings, _HOOK, before)
        with suppress(ValueError):
            gc.callbacks.remove(on_collection)


def _warn(before: Callable[[Any], None] | None, coroutine: Any) -> None:
    if before is not None:
        before(coroutine)
