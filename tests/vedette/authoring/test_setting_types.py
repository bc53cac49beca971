import pytest
from pydantic import BaseModel, ValidationError

from vedette import Duration, EventFilter
from vedette.events import Event, parse, samples


class Waiting(BaseModel):
    wait: Duration = "5m"


def event() -> Event:
    return parse("issue", samples.wire(samples.load("issue.created")))


@pytest.mark.parametrize("given", ["90s", "1.5h", 30])
def test_a_duration_is_kept_as_it_was_written(given: str | float) -> None:
    assert Waiting(wait=given).wait == given


@pytest.mark.parametrize("given", ["soon", "", 0, -1, "5 minutes"])
def test_a_duration_that_cannot_be_read_is_refused_with_what_to_write(given: str | float) -> None:
    with pytest.raises(ValidationError, match="a number and a unit"):
        Waiting(wait=given)


def test_an_empty_search_matches_every_event() -> None:
    assert EventFilter().matches(event())
    assert EventFilter(when="  ").matches(event())


def test_a_search_matches_as_sentry_s_does() -> None:
    assert EventFilter(when="level:error").matches(event())
    assert not EventFilter(when="level:fatal").matches(event())


def test_a_key_that_the_webhook_lacks_does_not_match() -> None:
    assert not EventFilter(when="release:1.0").matches(event())
    assert not EventFilter(when="!release:1.0").matches(event())


def test_a_search_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ValidationError, match="levle"):
        EventFilter(when="levle:fatal")


def test_fields_that_do_not_exist_are_refused() -> None:
    with pytest.raises(ValidationError):
        EventFilter.model_validate({"wehn": "level:fatal"})
