"""What a handler knows of the run it is in."""

from dataclasses import dataclass, field

from vedette.settings import Mode


@dataclass
class Context:
    """One attempt of one handler on one delivery; the argument `ctx`."""

    delivery: str
    """The delivery's id."""
    handler: str
    """The handler's name."""
    attempt: int
    """1 on the first try."""
    mode: Mode
    """What the handler's writes become."""
    stands_for: int = 1
    """How many events this run is for; more than 1 only where they are gathered, and then `event` is the newest."""
    done: list[str] = field(default_factory=list[str])
    """What was done so far, in plain English, in order."""

    def note(self, sentence: str) -> None:
        """Add to what this run says it did; writes through `sentry` note themselves."""
        self.done.append(sentence)
