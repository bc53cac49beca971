"""The samples that ship with the package."""

import json
import math
from typing import Any

import pytest

from vedette.events import parse, samples
from vedette.events.catalog import known_names


def test_every_known_name_has_a_sample() -> None:
    answered: set[str] = set()
    for name in samples.names():
        answered.update(parse(samples.resource_of(name), samples.load(name)).names)
    assert answered == set(known_names())


def test_every_payload_file_ships_as_a_sample(payload_file: tuple[str, dict[str, Any]]) -> None:
    name, payload = payload_file
    assert samples.load(name) == payload


def test_each_load_is_a_fresh_copy() -> None:
    samples.load("issue.created")["data"]["issue"]["title"] = "changed"
    assert samples.load("issue.created")["data"]["issue"]["title"] != "changed"


def test_wire_is_the_form_that_sentry_signs() -> None:
    body = samples.wire({"a": [1, "\u00e4\U0001f600"], "b": 1.0})
    assert body == b'{"a":[1,"\\u00e4\\ud83d\\ude00"],"b":1.0}'


def test_wire_refuses_what_sentry_never_sends() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        samples.wire({"a": math.nan})


def test_an_unknown_sample_names_those_that_look_alike() -> None:
    with pytest.raises(samples.UnknownSampleError, match=r"issue\.created") as caught:
        samples.load("issue.creatd")
    assert "issue.created" in caught.value.near


@pytest.mark.parametrize("name", ["../catalog", "", "__init__", "issue.created.json"])
def test_only_samples_are_loaded(name: str) -> None:
    with pytest.raises(samples.UnknownSampleError):
        samples.load(name)


def test_build_replaces_values_by_either_kind_of_path() -> None:
    payload = samples.build("issue.created", data__issue__level="fatal", action="resolved")
    assert (payload["data"]["issue"]["level"], payload["action"]) == ("fatal", "resolved")
    overrides: dict[str, object] = {"data.error.tags.0.1": "staging", "data.error._metrics": {}}
    error = samples.build("error.created", **overrides)
    assert error["data"]["error"]["tags"][0] == ["environment", "staging"]
    assert error["data"]["error"]["_metrics"] == {}


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("data__issue__titel", "data.issue.title"),
        ("data.issue.short_id", "data.issue.shortId"),
        ("issue__level", "data.issue.level"),
        ("level", "data.issue.level"),
    ],
)
def test_build_fails_loudly_on_a_misspelt_path(path: str, near: str) -> None:
    with pytest.raises(samples.SamplePathError, match="did you mean") as caught:
        samples.build("issue.created", **{path: "x"})
    assert near in caught.value.near
    assert near in str(caught.value)


def test_a_path_like_no_other_gets_an_example() -> None:
    with pytest.raises(samples.SamplePathError, match="data__issue__title"):
        samples.build("issue.created", qqqqqq=1)


def test_lists_are_walked_by_number_alone() -> None:
    for path in ("data.error.tags.first", "data.error.tags.99", "data.error.tags.-1"):
        with pytest.raises(samples.SamplePathError):
            samples.build("error.created", **{path: "x"})


@pytest.mark.parametrize("name", samples.names())
def test_samples_are_plain_json_objects(name: str) -> None:
    assert json.loads(samples.wire(samples.load(name))) == samples.load(name)
