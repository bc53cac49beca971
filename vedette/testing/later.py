"""What a handler under test puts off: to be looked at, and to be run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vedette.authoring.deferral import AwaitableName, Reminder
from vedette.store.runs.run import run_name

if TYPE_CHECKING:
    from vedette.testing.delivery import Delivered


@dataclass(frozen=True)
class Later:
    """What a handler put off with `ctx.later`."""

    after: float
    """Seconds."""
    reminder: Reminder
    _deliver: "Callable[[Reminder], Delivered]" = field(repr=False)

    @property
    def name(self) -> str:
        """Under which name."""
        return self.reminder.name

    @property
    def data(self) -> Mapping[str, Any]:
        """What it gave itself."""
        return self.reminder.data

    def run(self) -> "Delivered":
        """Let its time come: the handler runs again on the same event, with `ctx.reminder`."""
        return self._deliver(self.reminder)


class RecordingDeferrer:
    """Notes what one run puts off; as in production, the first of a name counts."""

    def __init__(self, delivery: str, handler: str, deliver: "Callable[[Reminder], Delivered]") -> None:
        self._delivery = delivery
        self._handler = handler
        self._deliver = deliver
        self._asked: dict[str, Later] = {}

    def __call__(self, after: float, reminder: Reminder) -> AwaitableName:
        """Note one."""
        self._asked.setdefault(reminder.name, Later(after, reminder, self._deliver))
        return AwaitableName(f"{self._delivery}:{run_name(self._handler, reminder.name)}")

    @property
    def asked(self) -> tuple[Later, ...]:
        """All, in the order in which they were asked."""
        return tuple(self._asked.values())
