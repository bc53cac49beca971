"""Channels of a test: every name is valid, and messages are kept for assertions."""

from dataclasses import dataclass, field

from vedette.notify import Channel, Channels, Message, Posted


@dataclass
class Outbox(Channels):
    """Channels that keep their messages instead of posting them."""

    told: list[tuple[str, Message]] = field(default_factory=list[tuple[str, Message]])

    def get(self, name: str) -> Channel:
        """Return a channel that keeps its messages."""
        return _Kept(name, self.told)


@dataclass(frozen=True)
class _Kept:
    name: str
    told: list[tuple[str, Message]] = field(repr=False)

    async def post(self, message: Message, *, identifier: str = "", after: str = "") -> Posted:
        del identifier
        self.told.append((self.name, message))
        return Posted(200, after or f"{len(self.told)}")
