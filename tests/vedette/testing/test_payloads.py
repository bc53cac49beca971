"""Events of samples and of files, with values replaced."""

import json
from pathlib import Path

import pytest

from vedette import Context, on
from vedette.events import samples
from vedette.events.samples import SamplePathError
from vedette.testing import SentryWorld
from vedette.testing.payloads import UnrecognisedBodyError, event_of


@pytest.fixture
def file(tmp_path: Path) -> Path:
    kept = tmp_path / "kept.json"
    kept.write_bytes(samples.wire(samples.load("issue.created")))
    return kept


@pytest.mark.parametrize("name", samples.names())
def test_the_kind_of_every_body_is_recognised(name: str, file: Path) -> None:
    file.write_bytes(samples.wire(samples.load(name)))
    assert event_of(file, {}).resource == samples.resource_of(name)


def test_values_of_a_file_are_replaced_and_a_misspelt_one_fails(file: Path) -> None:
    assert event_of(str(file), {"level": "fatal", "actor__name": "Ann"}).level == "fatal"
    with pytest.raises(SamplePathError, match=r"kept.json.*levle"):
        event_of(file, {"levle": "fatal"})


def test_a_sample_without_an_envelope_takes_overrides_too() -> None:
    assert event_of("legacy_webhook", {"message": "odd"}).raw["message"] == "odd"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("nothing", "is not JSON"),
        ("[]", "is not the body of a webhook"),
        ("{}", "is of no kind that Vedette knows: say which, with resource="),
        (json.dumps({"action": "created", "data": {"issue": {}, "error": {}}}), "could be of issue or error"),
    ],
)
def test_a_file_that_is_no_webhook_says_why(text: str, told: str, file: Path) -> None:
    file.write_text(text)
    with pytest.raises(UnrecognisedBodyError, match=told):
        event_of(file, {})


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnrecognisedBodyError, match=r"nowhere.json cannot be read: No such file"):
        event_of(tmp_path / "nowhere.json", {})


def test_a_kind_that_is_new_can_be_given(file: Path, sentry_world: SentryWorld) -> None:
    file.write_text('{"action": "happened", "data": {}}')
    assert event_of(file, {}, "new_kind").name == "new_kind.happened"
    kept = Path(__file__).parents[1] / "nowhere.json"
    with pytest.raises(UnrecognisedBodyError):
        sentry_world.deliver(everything, kept)
    assert sentry_world.deliver(everything, file, resource="new_kind").did == ("GenericEvent",)


@on("*")
async def everything(event: object, ctx: Context) -> None:
    ctx.note(type(event).__name__)
