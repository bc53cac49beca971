"""What a handler's writes become: `act` sends them, `observe` only records them.

A layer in front of the transport, so that no handler can go around it; it also notes each write in plain English, which
is what operators see of a run.
"""

from dataclasses import dataclass

import structlog

from vedette.api import Answer, Call, Transport
from vedette.handling.context import Context

_NOT_SENT = 200


@dataclass(frozen=True)
class ModeTransport:
    """Sends reads; sends writes or holds them back, as the mode says."""

    transport: Transport
    context: Context

    async def send(self, call: Call) -> Answer:
        """Answer the call; a write that is held back is answered with `sent=False`."""
        if not call.operation.writes:
            return await self.transport.send(call)
        log = structlog.get_logger()
        if self.context.mode != "act":
            self.context.note(f"would have {call.intent}")
            log.info("write held back", operation=call.operation.name, intent=call.intent, mode=self.context.mode)
            return Answer(_NOT_SENT, sent=False)
        answer = await self.transport.send(call)
        self.context.note(call.intent)
        log.info("write sent", operation=call.operation.name, intent=call.intent, status=answer.status)
        return answer
