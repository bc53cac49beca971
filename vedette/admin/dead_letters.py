"""Dead letters: listed, replayed and discarded."""

from collections.abc import Sequence

from vedette._core.user_error import UserError
from vedette.admin.filters import DeliveryFilter
from vedette.admin.orders import carry_out
from vedette.admin.session import AdminSession, known_tenants
from vedette.store.runs.dead_letters import DeadLetter, DeadLetters
from vedette.store.runs.run import KEPT_STATES, split_name
from vedette.store.search.cursor import Cursor
from vedette.store.search.delivery_search import DeliverySearch
from vedette.store.search.page import COUNTED, MOST_ROWS, BoundedCount, Page, gather_rows


class InvalidRunIdError(UserError):
    """A text that does not identify a run."""

    exit_code = 2

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(f"{text!r} is no dead run's name: write DELIVERY:HANDLER, as `vedette dead` lists it")


def split_run_id(text: str) -> tuple[str, str]:
    """Return the delivery and the handler of `DELIVERY:HANDLER`.

    Raises:
        InvalidRunIdError: The text has another form.
    """
    delivery, separator, handler = text.partition(":")
    if not separator or not handler:
        raise InvalidRunIdError(text)
    return delivery, handler


async def list_dead_letters(session: AdminSession, wanted: DeliveryFilter) -> list[DeadLetter]:
    """Return the dead letters that match, the newest first.

    Raises:
        UnknownNameError: Nothing matches, and the filter names something that is not known.
    """
    found = await gather_rows(lambda cursor: page_dead_letters(session, wanted, cursor), wanted.limit)
    if not found:
        await wanted.refuse_unknown(session.redis)
    return found


async def page_dead_letters(session: AdminSession, wanted: DeliveryFilter, cursor: str = "") -> Page[DeadLetter]:
    """Return one page of the dead letters that match, those that ended last first.

    Args:
        session: The caller.
        wanted: The conditions; its times are those of the end, its limit is the size of the page.
        cursor: The cursor of the page before; empty for the first.

    Raises:
        InvalidCursorError: The text is no cursor.
    """
    begin = Cursor.read(cursor) if cursor else None
    search = DeliverySearch(session.redis, known_tenants(session))
    found = await search.dead_letters(wanted.to_query(), limit=min(wanted.limit, MOST_ROWS), cursor=begin)
    letters = await DeadLetters(session.redis).load(found.ids)
    rows = [one for one in letters if wanted.matches_run(one.run)]
    return Page(rows, str(found.following) if found.following else None)


async def count_dead_letters(session: AdminSession, wanted: DeliveryFilter) -> BoundedCount:
    """Return how many dead letters match, counted up to `COUNTED`."""
    search = DeliverySearch(session.redis, known_tenants(session))
    found = await search.dead_letters(wanted.to_query(), limit=COUNTED + 1)
    return BoundedCount(min(len(found.ids), COUNTED), is_exact=found.following is None and len(found.ids) <= COUNTED)


async def get_dead_letter(session: AdminSession, identifier: str) -> DeadLetter | None:
    """Return one dead letter; None if the run is gone or not dead.

    Args:
        session: The caller.
        identifier: `DELIVERY:HANDLER`.

    Raises:
        InvalidRunIdError: The identifier has another form.
    """
    found = await DeadLetters(session.redis).get(*split_run_id(identifier))
    return found if found is not None and found.run.state in KEPT_STATES else None


async def discard_runs(session: AdminSession, identifiers: Sequence[str]) -> int:
    """Close dead runs for good, each an order in the audit; return the number of those that were dead.

    Raises:
        InvalidRunIdError: An identifier is not `DELIVERY:HANDLER`.
    """
    letters = DeadLetters(session.redis)
    runs = [split_run_id(identifier) for identifier in identifiers]
    return sum([await _discard(session, letters, delivery, run) for delivery, run in runs])


async def replay_delivery(session: AdminSession, delivery: str, handler: str = "") -> None:
    """Run one handler on a delivery again, or dispatch the delivery again to all handlers: an order in the audit.

    Args:
        session: The caller.
        delivery: The delivery's id.
        handler: The handler that has worked on it before; empty for all that are loaded now.

    Raises:
        NotReplayableError: There is no such run, the delivery is quarantined, or a run has not ended.
        DeliveryNotFoundError: There is no such delivery.
    """
    if handler:
        await _replay(session, DeadLetters(session.redis), delivery, handler)
        return

    async def redispatch() -> bool:
        await DeadLetters(session.redis).redispatch(delivery)
        return True

    await carry_out(session, f"replayed {delivery} to all handlers", redispatch, delivery=delivery)


async def replay_dead_letters(session: AdminSession, wanted: DeliveryFilter, *, rate: float) -> int:
    """Run the handlers of the dead letters that match again, at most `rate` in a second; return their number.

    Raises:
        UnknownNameError: Nothing matches, and the filter names something that is not known.
    """
    letters = DeadLetters(session.redis)
    # The oldest first, so that the runs of a subject keep their order.
    found = sorted(await list_dead_letters(session, wanted), key=lambda letter: letter.run.delivery)
    for place, letter in enumerate(found):
        await _replay(session, letters, letter.run.delivery, letter.run.name, delay=place / rate)
    return len(found)


async def _replay(session: AdminSession, letters: DeadLetters, delivery: str, run: str, *, delay: float = 0.0) -> None:
    async def replay() -> bool:
        await letters.replay(delivery, run, delay=delay)
        return True

    await carry_out(session, f"replayed {run} on {delivery}", replay, delivery=delivery, handler=split_name(run)[0])


async def _discard(session: AdminSession, letters: DeadLetters, delivery: str, run: str) -> bool:
    async def discard() -> bool:
        return await letters.discard(delivery, run)

    intent = f"discarded {run} on {delivery}"
    return await carry_out(session, intent, discard, delivery=delivery, handler=split_name(run)[0])
