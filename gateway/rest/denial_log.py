"""Records what agents asked for and the gate never saw: unknown endpoints, bulk searches."""

import time
from typing import Final

from cachetools import TTLCache

from vedette._core.printable import cropped, printable
from vedette.access.agent_gates import AgentGate
from vedette.access.context import PolicyServices

_LONGEST: Final = 200
_LONGEST_NAME: Final = 60
_INTERVAL: Final = 600.0
"""Seconds in which the same endpoint is recorded once; all requests are counted."""


class DenialLog:
    """Entries of the audit for requests that are denied before they become a call."""

    def __init__(self, policy: PolicyServices) -> None:
        self._policy = policy
        self._recorded: TTLCache[tuple[str, str], bool] = TTLCache(10_000, ttl=_INTERVAL, timer=time.monotonic)

    async def record(self, gate: AgentGate, intent: str, reason: str, *, operation: str = "") -> None:
        """Append an entry.

        Args:
            gate: The gate of the agent.
            intent: The call in plain English and past tense.
            reason: The reason of the denial, a clause without a full stop.
            operation: The name of the operation, if there is one.
        """
        facts = {
            "handler": gate.agent.principal.key,
            "source": gate.who,
            "intent": cropped(printable(intent), _LONGEST),
            "decision": f"denied: {reason}",
            "integration": gate.agent.settings.integration,
            "operation": operation,
        }
        await self._policy.audit.append("call", facts)
        await self._count(gate)

    async def record_endpoint(self, gate: AgentGate, method: str, path: str) -> None:
        """Count a request to an unknown endpoint, and append an entry unless the same was recorded just now."""
        await self._record_once(gate, f"asked for {method} {path}", "Vedette knows no operation behind it")

    async def record_tool(self, gate: AgentGate, tool: str, *, is_known: bool) -> None:
        """Count a call of a tool that an agent does not have, and append an entry unless it was recorded just now.

        Args:
            gate: The gate of the agent.
            tool: The name of the tool, as the agent gave it.
            is_known: Whether there is such a tool; the agent does not learn it.
        """
        reason = "its grant allows no operation of the tool" if is_known else "there is no such tool"
        await self._record_once(gate, f"called the tool {cropped(printable(tool), _LONGEST_NAME)}", reason)

    async def _record_once(self, gate: AgentGate, intent: str, reason: str) -> None:
        key = (gate.agent.name, intent)
        if key in self._recorded:
            await self._count(gate)
            return
        self._recorded[key] = True
        await self.record(gate, intent, reason)

    async def _count(self, gate: AgentGate) -> None:
        await self._policy.budgets.count(gate.agent.principal.key, "denied")
