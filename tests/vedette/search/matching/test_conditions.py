"""`release:latest`: the latest releases of a project are known in whole, in part, or not."""

import pytest

from vedette.search import Facts, Verdict, parse
from vedette.search.facts.answers import Answer, answer_of, partial


@pytest.mark.parametrize(
    ("latest", "verdict"),
    [
        (answer_of(["app@2", "app@1"]), Verdict.TRUE),
        (answer_of(["app@1", "app@2"]), Verdict.TRUE),
        (answer_of("app@2"), Verdict.FALSE),
        (answer_of(None), Verdict.FALSE),
        (partial("app@2"), Verdict.UNKNOWN),
        (partial("app@1"), Verdict.TRUE),
    ],
    ids=range(6),
)
def test_one_of_the_latest_releases_is_enough(latest: Answer, verdict: Verdict) -> None:
    known = {"release": answer_of("app@1"), "release.latest": latest}
    facts = Facts(lambda key: known.get(key, partial(None)))
    assert parse("release:latest").evaluate(facts) is verdict
