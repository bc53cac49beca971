"""Example payloads and real captures, and checks that many tests of this folder share."""

import base64
import inspect
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import AliasChoices, BaseModel

from vedette.events import Event

SENTRY = Path(__file__).parents[3] / "../shared/sentry"

# Requests that Sentry makes to an integration's UI components; they are no webhooks.
NO_WEBHOOKS = ("_", "alert_rule_action", "external_issue", "select_options")

Check = Callable[[object, object], None]


def _listed(folder: str, pattern: str) -> list[Path | None]:
    found = [path for path in sorted((SENTRY / folder).glob(pattern)) if not path.name.startswith(NO_WEBHOOKS)]
    return [*found] or [None]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for fixture, folder, pattern in (
        ("payload_path", "payloads", "*.json"),
        ("capture_path", "captures", "*.http.json"),
    ):
        if fixture in metafunc.fixturenames:
            paths = _listed(folder, pattern)
            metafunc.parametrize(fixture, paths, ids=[path.name if path else "missing" for path in paths])


def _required(path: Path | None) -> Path:
    if path is None and os.environ.get("CI") == "true":
        pytest.fail("the examples and captures of Sentry's webhooks are missing")
    if path is None:
        pytest.skip("the examples and captures of Sentry's webhooks are not on this machine")
    return path


@pytest.fixture
def payload_file(payload_path: Path | None) -> tuple[str, dict[str, Any]]:
    path = _required(payload_path)
    return path.name.removesuffix(".json"), json.loads(path.read_text("utf-8"))


@pytest.fixture
def capture(capture_path: Path | None) -> tuple[str, bytes]:
    recorded = json.loads(_required(capture_path).read_text("utf-8"))
    return recorded["headers"]["Sentry-Hook-Resource"], base64.b64decode(recorded["body_base64"])


def _keys_of(model: type[BaseModel]) -> dict[str, str]:
    """Attribute by key of the JSON."""
    keys: dict[str, str] = {}
    for attribute, field in model.model_fields.items():
        match field.validation_alias:
            case AliasChoices(choices=choices):
                keys.update({str(choice): attribute for choice in choices})
            case alias:
                keys[str(alias or attribute)] = attribute
    return keys


def _check_nothing_lost(value: object, source: object) -> None:
    if isinstance(value, BaseModel):
        assert isinstance(source, dict)
        keys, extra = _keys_of(type(value)), value.model_extra or {}
        for key, child in cast("dict[str, object]", source).items():
            if key in keys:
                _check_nothing_lost(getattr(value, keys[key]), child)
            else:
                assert extra[key] == child, key
    elif isinstance(value, list):
        items: object = cast("dict[str, object]", source)["values"] if isinstance(source, dict) else source
        for item, child in zip(cast("list[object]", value), cast("list[object]", items or []), strict=True):
            _check_nothing_lost(item, child)
    else:
        assert (value is None) == (source is None), (value, source)


@pytest.fixture
def nothing_lost() -> Check:
    """Check that a model took every value of its JSON as the type it declares, and kept all keys it does not know."""
    return _check_nothing_lost


def _properties(value: object) -> Iterator[object]:
    for name in dir(type(value)):
        if name.startswith(("_", "model_")):
            continue
        answer: object = getattr(value, name)
        if not inspect.isroutine(answer):
            yield answer


def _ask_everything(value: object) -> None:
    repr(value)
    if isinstance(value, Event):
        value.to_payload()
        for answer in _properties(value):
            _ask_everything(answer)
    elif isinstance(value, BaseModel):
        children: list[object] = [getattr(value, field) for field in type(value).model_fields]
        own = [name for name in vars(type(value)) if isinstance(vars(type(value))[name], property)]
        for child in children + [getattr(value, name) for name in own]:
            _ask_everything(child)
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            _ask_everything(item)


@pytest.fixture(scope="session")
def ask_everything() -> Callable[[object], None]:
    """Read every attribute of an event and of all models below it, as handlers might."""
    return _ask_everything
