"""Which past events have no webhook, of several that are alike."""

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.vedette.store.deliveries.test_accept import accept
from tests.vedette.store.deliveries.test_accept_rebuilt import Kind, accept_rebuilt, rebuilt, webhook
from vedette.reconcile.arrivals import Arrivals, arrived, read_arrivals
from vedette.store.server.client import RedisClient

MINUTE = 60_000
NOON = 1_790_000_000_000


def test_the_only_event_of_its_kind_has_arrived_with_any_webhook() -> None:
    assert Arrivals((NOON + 9 * 60 * MINUTE,)).missing([NOON], recurs=False) == []
    assert Arrivals().missing([NOON], recurs=False) == [NOON]
    assert Arrivals((), {NOON: "1"}).missing([NOON], recurs=False) == []


def test_a_webhook_is_that_of_the_latest_event_before_it() -> None:
    first, second = NOON, NOON + 10 * MINUTE
    assert Arrivals((second + 1000,)).missing([first, second], recurs=True) == [first]
    assert Arrivals((first + 1000,)).missing([first, second], recurs=True) == [second]
    assert Arrivals((first + 1000, second)).missing([first, second], recurs=True) == []


def test_a_webhook_that_no_later_event_explains_is_a_late_one() -> None:
    first, second = NOON, NOON + 10 * MINUTE
    hours_later = NOON + 300 * MINUTE
    assert Arrivals((hours_later,)).missing([first], recurs=True) == []
    assert Arrivals((second + 1000, hours_later)).missing([first, second], recurs=True) == []
    assert Arrivals((first - MINUTE,)).missing([first], recurs=True) == [first]


def test_a_rebuilt_event_is_not_missing_and_takes_no_webhook() -> None:
    first, second = NOON, NOON + MINUTE
    assert Arrivals((), {first: "1"}).missing([first, second], recurs=True) == [second]
    assert Arrivals((second,), {first: "1"}).missing([first, second], recurs=True) == []


@given(
    st.lists(st.integers(10, 300), min_size=1, max_size=20).map(
        lambda gaps: [NOON + 1000 * sum(gaps[: end + 1]) for end in range(len(gaps))]
    ),
    st.data(),
)
def test_as_many_are_missing_as_were_lost(happened: list[int], data: st.DataObject) -> None:
    gap = min([later - before for before, later in pairwise(happened)], default=60_000)
    kept = data.draw(st.lists(st.booleans(), min_size=len(happened), max_size=len(happened)))
    late = data.draw(st.integers(-4000, gap - 6000))
    webhooks = tuple(at + late for at, is_kept in zip(happened, kept, strict=True) if is_kept)
    missing = Arrivals(webhooks).missing(happened, recurs=True)
    assert Counter(missing) == Counter(at for at, is_kept in zip(happened, kept, strict=True) if not is_kept)


async def test_rebuilt_issues_have_not_arrived(client: RedisClient) -> None:
    kind = Kind("created")
    record = rebuilt(kind, NOON)
    assert await arrived(client, "default", ["42", "43"]) == frozenset()
    await accept_rebuilt(client, record)
    assert await arrived(client, "default", ["42"]) == frozenset()
    found = await read_arrivals(client, "default", [kind.occurrence, "issue.created 43"])
    assert found == {kind.occurrence: Arrivals((), {NOON: record.id}, 1), "issue.created 43": Arrivals()}


async def test_an_issue_whose_webhook_came_has_arrived(client: RedisClient) -> None:
    now = NOON
    await accept(client, webhook(Kind("created"), now))
    assert await arrived(client, "default", ["42", "43"]) == frozenset({"42"})
