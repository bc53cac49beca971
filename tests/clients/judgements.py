"""Judges a command of a client by what reached the simulated Sentry and by the audit, not by what the client says."""

import re

from tests.clients.programs import Finished, ToolAnswer
from tests.gateway.gateways import RunningGateway
from vedette.store.access.audit_log import AuditEntry
from vedette.store.access.proposals import Proposals


async def calls_of(gateway: RunningGateway, agent: str) -> list[AuditEntry]:
    """Return the audit's entries on calls of an agent, the oldest first."""
    return [
        entry for entry in await gateway.entries() if entry.kind == "call" and entry.text("handler") == f"agent:{agent}"
    ]


async def last_call(gateway: RunningGateway, agent: str) -> AuditEntry:
    """Return the newest entry on a call of an agent."""
    found = await calls_of(gateway, agent)
    assert found, f"the audit has no call of {agent}"
    return found[-1]


async def intents(gateway: RunningGateway, agent: str) -> list[str]:
    """Return what an agent's calls did or would have done, in the audit's words, the oldest first."""
    return [entry.text("intent") for entry in await calls_of(gateway, agent)]


async def proposed(gateway: RunningGateway) -> list[str]:
    """Return what waits for a person, the oldest first."""
    return [proposal.intent for proposal in await Proposals(gateway.redis, 3600).waiting()]


def denial(agent: str, operation: str, line: str) -> str:
    """Return the sentence about a call that is denied, with the line that would allow it."""
    return (
        f"Not done: agent {agent} may not call {operation}: its grant does not allow {operation}. "
        f"To allow it: write `{line}` under [agents.{agent}.may] in vedette.toml."
    )


def said(answer: Finished | ToolAnswer) -> str:
    """Return what a client shows, in one line, without the marks of its own notation."""
    text = answer.output if isinstance(answer, Finished) else answer.text
    return " ".join(re.sub(r'\\+"', '"', text).split())
