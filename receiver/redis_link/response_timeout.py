"""How long Redis may take: tells a silent Redis from an answer that this process has not read yet.

Under a load that is too much for it, this process is the one that is late: answers lie in its socket while timers run
out. Giving Redis up then would send everything to the disk and from there to Redis again, which is more work still. So
before Redis counts as silent the socket is looked at once more.
"""

import asyncio
from collections.abc import Callable

_SILENCE = 0.5
"""The part of the time limit after which a silent Redis gets no more: whatever waits for it in vain is late all at
once, and so many that the disk has to take them in one go."""
_GLANCE = 0.001
"""The loop reads its sockets between a timer and the next one, however short."""


class ResponseTimeout:
    """The time limit of one connection's calls."""

    def __init__(self, timeout: float, give_up: Callable[[str], None]) -> None:
        """Describe it.

        Args:
            timeout: How long an answer is waited for, in seconds.
            give_up: Called with the reason when that has passed.
        """
        self.timeout = timeout
        self.give_up = give_up
        self.is_silent = False
        """Whether an answer has been missing for so long that Redis should get no more for now."""


class PendingResponse:
    """The wait for one call's answer."""

    def __init__(self, patience: ResponseTimeout) -> None:
        self._patience = patience
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(patience.timeout * _SILENCE, self._look_again)

    def end(self) -> None:
        """Note that the answer is there, or will never be."""
        self._timer.cancel()
        self._patience.is_silent = False

    def _look_again(self) -> None:
        self._timer = self._loop.call_later(_GLANCE, self._tell_silence)

    def _tell_silence(self) -> None:
        self._patience.is_silent = True
        self._timer = self._loop.call_later(self._patience.timeout * (1 - _SILENCE), self._give_up)

    def _give_up(self) -> None:
        self._patience.give_up(f"no answer within {self._patience.timeout:g} s")
