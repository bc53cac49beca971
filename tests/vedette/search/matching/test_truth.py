"""The laws of three-valued logic, for verdicts and for the searches built on them."""

import itertools

import pytest

from vedette.search import Facts, Verdict, parse

TRUE, FALSE, UNKNOWN = Verdict.TRUE, Verdict.FALSE, Verdict.UNKNOWN
RANK = {FALSE: 0, UNKNOWN: 1, TRUE: 2}
PAIRS = list(itertools.product(Verdict, Verdict))
FACTS = Facts().with_more({"yes": "x", "no": None})
TERMS = {TRUE: "yes:x", FALSE: "no:x", UNKNOWN: "open:x"}


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_and_is_the_lesser_and_or_the_greater(one: Verdict, other: Verdict) -> None:
    assert RANK[one & other] == min(RANK[one], RANK[other])
    assert RANK[one | other] == max(RANK[one], RANK[other])


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_negation_swaps_and_with_or(one: Verdict, other: Verdict) -> None:
    assert ~(one & other) is (~one | ~other)
    assert ~(one | other) is (~one & ~other)
    assert ~~one is one


@pytest.mark.parametrize(("one", "other", "third"), list(itertools.product(Verdict, repeat=3)))
def test_brackets_and_order_do_not_matter_among_equals(one: Verdict, other: Verdict, third: Verdict) -> None:
    assert (one & other) & third is one & (other & third)
    assert (one | other) | third is one | (other | third)
    assert one & (other | third) is (one & other) | (one & third)
    assert one & other is other & one
    assert one | other is other | one


def test_a_verdict_cannot_be_taken_for_a_boolean() -> None:
    with pytest.raises(TypeError, match=r"is Verdict\.TRUE"):
        bool(UNKNOWN)


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_searches_follow_the_same_laws(one: Verdict, other: Verdict) -> None:
    assert parse(f"{TERMS[one]} {TERMS[other]}").evaluate(FACTS) is one & other
    assert parse(f"{TERMS[one]} OR {TERMS[other]}").evaluate(FACTS) is one | other
    assert parse(f"!{TERMS[one]}").evaluate(FACTS) is ~one
    assert parse(f"({TERMS[one]} OR {TERMS[other]}) yes:x").evaluate(FACTS) is one | other


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_learning_more_never_overturns_a_verdict(one: Verdict, other: Verdict) -> None:
    for joint in (" ", " OR "):
        search = parse(f"{TERMS[one]}{joint}{TERMS[other]}")
        before = search.evaluate(FACTS)
        for value in ("x", None):
            after = search.evaluate(FACTS.with_more({"open": value}))
            assert before is UNKNOWN or after is before
            assert after is not UNKNOWN
