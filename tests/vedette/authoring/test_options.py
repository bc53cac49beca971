import pytest

from vedette import Retries, on
from vedette._core.durations import UnreadableDurationError
from vedette.authoring.decorators import get_registration
from vedette.authoring.options import Options, make_options


def test_a_handler_carries_its_options() -> None:
    @on("issue.created", retries=3, coalesce="5m", throttle="10/m", concurrency=4, order=False, time_limit=5)
    async def handler() -> None: ...

    registration = get_registration(handler)
    assert registration is not None
    assert registration.options == Options(Retries(attempts=3), False, 300.0, (10, 60.0), 4, 5.0)


def test_options_that_cannot_work_say_so() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        make_options(concurrency=0)
    with pytest.raises(ValueError, match="1 or more"):
        Retries(attempts=0)
    with pytest.raises(UnreadableDurationError):
        Retries(wait="soon")
