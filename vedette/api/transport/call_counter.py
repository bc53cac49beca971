"""Provides a transport that counts the calls of each operation."""

from collections import Counter
from dataclasses import dataclass, field

from vedette.api.call import Answer, Call, Transport


@dataclass(slots=True)
class CountingTransport:
    """A transport that counts the calls of each operation."""

    inner: Transport
    calls: Counter[str] = field(default_factory=Counter[str])

    async def send(self, call: Call) -> Answer:
        """Pass the call on."""
        self.calls[call.operation.name] += 1
        return await self.inner.send(call)
