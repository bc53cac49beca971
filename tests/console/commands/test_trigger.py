"""A sample that is sent twice is handled twice."""

import pytest

from console.commands.trigger import fresh_body
from vedette.events import samples
from vedette.events.identification import identify


@pytest.mark.parametrize("sample", samples.names())
def test_a_sample_is_never_the_repetition_of_an_earlier_one(sample: str) -> None:
    resource = samples.resource_of(sample)
    first, second = (fresh_body(sample) for _ in range(2))
    known, again = (identify(resource, body) for body in (first, second))
    assert first != second
    assert known.key != again.key
    assert known.quarantine == again.quarantine == ""
    assert known.subject == again.subject
