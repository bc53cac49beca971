"""Bounds the calls of each agent that are in progress, so that one cannot hold the memory and connections of all."""

from collections.abc import Generator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

from gateway.rejections import RequestRejected

MOST: Final = 20
"""Calls of one agent in progress; Sentry allows some 25 of a whole organization."""


class TooManyCallsError(RequestRejected):
    """An agent has too many calls in progress."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    decision = "limited"
    headers = (("Retry-After", "1"),)

    def __init__(self, agent: str) -> None:
        self.agent = agent
        super().__init__(
            f"Agent {agent} has {MOST} calls in progress already, so this one was not sent: wait for their answers."
        )


class CallSlots:
    """The calls in progress by agent."""

    def __init__(self) -> None:
        self._in_progress: dict[str, int] = {}

    @contextmanager
    def hold(self, agent: str) -> Generator[None]:
        """Hold a slot of an agent for the duration of a call.

        Raises:
            TooManyCallsError: All its slots are held.
        """
        held = self._in_progress.get(agent, 0)
        if held >= MOST:
            raise TooManyCallsError(agent)
        self._in_progress[agent] = held + 1
        try:
            yield
        finally:
            left = self._in_progress[agent] - 1
            if left:
                self._in_progress[agent] = left
            else:
                del self._in_progress[agent]
