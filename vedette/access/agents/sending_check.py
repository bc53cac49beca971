"""Checks right before a call of an agent leaves that its token and grant are in force, and that nothing is paused."""

from dataclasses import dataclass

from vedette._core.user_error import UserError
from vedette.access.agent_directory import Agent, AgentChangedError, AgentDirectory, AgentTokenError
from vedette.api.call import Call
from vedette.api.errors import CallStoppedError
from vedette.store.access.write_budgets import WriteBudgets


class PausedInFlightError(UserError):
    """Writes were paused while a write waited to be sent."""

    def __init__(self, by: str) -> None:
        self.by = by
        super().__init__(f"writes were paused by {by} while it waited")


@dataclass(frozen=True, slots=True)
class SendingCheck:
    """The check of one agent's calls: a call may have waited for the rate limit since the gate decided on it."""

    agent: Agent
    directory: AgentDirectory
    budgets: WriteBudgets

    async def __call__(self, call: Call) -> None:
        """Check that the call may leave.

        Raises:
            CallStoppedError: It may not.
            redis.exceptions.RedisError: Redis gives no answer, so that nothing is known.
        """
        try:
            await self.directory.check(self.agent)
            if call.operation.writes:
                await self._check_pause()
        except (AgentTokenError, AgentChangedError, PausedInFlightError) as reason:
            raise CallStoppedError(call, reason) from None

    async def _check_pause(self) -> None:
        pause = await self.budgets.pause_of(self.agent.principal.key)
        if pause is not None:
            raise PausedInFlightError(pause.by)
