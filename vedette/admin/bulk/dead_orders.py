"""Plans and carries out orders on many dead runs: retry or discard, with a count before anything is done."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from vedette.admin.dead_letters import page_dead_letters
from vedette.admin.filters import DeliveryFilter
from vedette.admin.names import loaded_handlers
from vedette.admin.session import AdminSession
from vedette.store.deliveries.deliveries import DeliveryNotFoundError
from vedette.store.runs.dead_letters import DeadLetter, DeadLetters, NotReplayableError
from vedette.store.runs.run import KEPT_STATES
from vedette.store.search.page import MOST_ROWS, gather_rows
from vedette.store.server.clock import server_time

DeadAction = Literal["retry", "discard"]
_VERBS: Final[Mapping[DeadAction, str]] = {"retry": "replayed", "discard": "discarded"}
MOST_DEAD: Final = 10_000
"""Dead runs of one order."""


@dataclass(frozen=True)
class DeadPlan:
    """The dead runs that an order would act on."""

    action: DeadAction
    letters: Sequence[DeadLetter]
    """The oldest delivery first, so that the runs of a subject keep their order."""
    left_out: Mapping[str, int] = field(default_factory=dict[str, int])
    """Why others that match are not acted on -> how many."""
    moment: int = 0
    """When it was made, Unix time in milliseconds by the server's clock."""
    is_whole: bool = True
    """False where there are more than one order takes."""

    @property
    def total(self) -> int:
        """Return the number that match, with those that are left out."""
        return len(self.letters) + sum(self.left_out.values())

    @property
    def handlers(self) -> list[str]:
        """The handlers that have worked on them."""
        return sorted({letter.run.handler for letter in self.letters})

    @property
    def oldest(self) -> int:
        """When the first ended, Unix time in milliseconds; 0 for none."""
        return min((letter.run.ended or 0 for letter in self.letters), default=0)

    @property
    def newest(self) -> int:
        """When the last ended, Unix time in milliseconds; 0 for none."""
        return max((letter.run.ended or 0 for letter in self.letters), default=0)

    @property
    def intent(self) -> str:
        """The order in past tense, for the audit."""
        count = len(self.letters)
        return f"{_VERBS[self.action]} {count} dead run{'s' * (count != 1)} of {', '.join(self.handlers) or 'nothing'}"


async def plan_dead_order(session: AdminSession, action: DeadAction, wanted: DeliveryFilter) -> DeadPlan:
    """Return the dead runs that an order would act on; nothing is changed.

    Args:
        session: The caller.
        action: The order.
        wanted: The conditions; its `until` keeps out runs that end after a plan was shown.
    """
    moment = round(await server_time(session.redis) * 1000)
    found = await gather_rows(lambda cursor: page_dead_letters(session, wanted, cursor), MOST_DEAD + 1)
    is_whole, found = len(found) <= MOST_DEAD, found[:MOST_DEAD]
    loaded = await loaded_handlers(session.redis) if action == "retry" else set[str]()
    left_out = Counter[str]()
    letters: list[DeadLetter] = []
    for letter in sorted(found, key=lambda one: one.run.delivery):
        # Before the first worker has started, nothing is known about handlers.
        if loaded and letter.run.handler not in loaded:
            left_out[f"no worker has loaded {letter.run.handler}"] += 1
        else:
            letters.append(letter)
    return DeadPlan(action, letters, left_out, moment, is_whole)


def dead_filter(*, group: str = "", handler: str = "", issue: str = "", until: int = 0) -> DeliveryFilter:
    """Return the filter of an order on dead runs."""
    return DeliveryFilter(handler=handler, issue=issue, group=group, until=until, limit=MOST_ROWS)


async def act_on_dead(session: AdminSession, plan: DeadPlan) -> AsyncIterator[str]:
    """Retry or discard the runs of a plan one by one; yield why each was left, empty if it was done."""
    letters = DeadLetters(session.redis)
    for letter in plan.letters:
        delivery, run = letter.run.delivery, letter.run.name
        try:
            # Somebody may have replayed it since the plan; what has ended well must not run again.
            current = await letters.get(delivery, run)
            if current is None or current.run.state not in KEPT_STATES:
                yield f"{run} on {delivery} is not dead any more"
            elif plan.action == "retry":
                await letters.replay(delivery, run)
                yield ""
            else:
                yield "" if await letters.discard(delivery, run) else f"{run} on {delivery} is not dead any more"
        except (NotReplayableError, DeliveryNotFoundError) as error:
            yield str(error)
