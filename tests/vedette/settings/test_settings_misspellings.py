"""No name in the settings with a letter wrong is taken in silence: every key, variable, handler, channel and value.

With VEDETTE_FULL=1 all misspellings are tried, otherwise some of each name.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeGuard

import pytest

from tests.misspelling import misspelt
from vedette.api.operations import OPERATIONS
from vedette.api.redaction import HIDDEN_DATA
from vedette.api.scopes import HIERARCHY
from vedette.events.catalog import known_names
from vedette.permissions.areas import LEVELS
from vedette.plugins.discovery import discover
from vedette.settings.access import ISSUE_FIELDS, AccessSettings, GrantSettings
from vedette.settings.agents import AgentGrantSettings, AgentSettings, AreaSettings, GatewaySettings
from vedette.settings.channels import ChannelSettings
from vedette.settings.environment import list_variables
from vedette.settings.problem_text import list_keys
from vedette.settings.settings import (
    HandlerSettings,
    IntegrationSettings,
    ReceiverSettings,
    RetentionSettings,
    Settings,
    SettingsError,
    WorkerSettings,
    load_settings,
)

KNOWN = frozenset(known_names())
SECRET = "0123456789abcdefg"
WHOLE = {
    "integrations": {"default": {"client_secret": SECRET, "token": "t", "organization": "acme"}},
    "channels": {"ops": {"kind": "slack", "url": "https://hooks.example/x"}},
    "handlers": {
        "triage": {"mode": "act", "grant": {"scopes": ["event:write"], "channels": ["ops"], "fields": ["priority"]}},
        "notify": {"send": [{"to": "ops", "when": "level:fatal"}], "gather": "1m"},
        "escalate_metric_alert": {"channel": "ops", "warnings": True},
        "runbook": {"runbooks": [{"text": "x"}]},
        "link_issue": {"when": "level:fatal", "integration": "1"},
    },
    "gateway": {"port": 8652},
    "agents": {
        "helper": {
            "mode": "act",
            "untrusted": "propose",
            "may": {"issues": "read", "destroy-issues": "full"},
            "grant": {"scopes": ["team:read"], "fields": ["priority"], "operations": ["teams.list"], "hide": ["user"]},
        }
    },
}
"""Settings in which every kind of name occurs, and that are right."""
KEYS: Mapping[str, set[str]] = {
    "": set(Settings.model_fields),
    "receiver": list_keys(ReceiverSettings),
    "retention": list_keys(RetentionSettings),
    "worker": list_keys(WorkerSettings),
    "access": list_keys(AccessSettings),
    "integrations.default": list_keys(IntegrationSettings),
    "channels.ops": list_keys(ChannelSettings),
    "handlers.triage": list_keys(HandlerSettings),
    "handlers.triage.grant": list_keys(GrantSettings),
    "gateway": list_keys(GatewaySettings),
    "agents.helper": list_keys(AgentSettings),
    "agents.helper.may": list_keys(AreaSettings),
    "agents.helper.grant": list_keys(AgentGrantSettings),
}
VALUES = {
    "handlers.triage.mode": ("observe", "propose", "act"),
    "handlers.triage.grant.scopes": tuple(HIERARCHY),
    "handlers.triage.grant.operations": tuple(OPERATIONS),
    "handlers.triage.grant.fields": ISSUE_FIELDS,
    "channels.ops.kind": ("slack", "teams", "webhook"),
    "agents.helper.mode": ("observe", "propose", "act"),
    "agents.helper.untrusted": ("observe", "propose", "act"),
    "agents.helper.may.issues": LEVELS,
    "agents.helper.may.destroy-issues": LEVELS,
    "agents.helper.grant.scopes": tuple(HIERARCHY),
    "agents.helper.grant.operations": tuple(OPERATIONS),
    "agents.helper.grant.fields": ISSUE_FIELDS,
    "agents.helper.grant.hide": HIDDEN_DATA,
}
"""Settings whose values are of a list that is known."""
VARIABLES = list_variables(Settings)
NAMED = ("handlers.triage.mode", "handlers.notify.gather", "channels.ops.timeout", "integrations.default.token")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refusal() -> str:
    """The message of a worker about the settings at its start; empty if it accepts them."""
    try:
        registry = discover(load_settings(), KNOWN)
        registry.refuse_unknown_names()
    except SettingsError as error:
        return str(error)
    return "\n".join(problem.reason for problem in registry.problems)


def write(folder: Path, settings: Mapping[str, Any]) -> None:
    """Write a settings file."""
    lines: list[str] = []

    def table(place: str, values: Mapping[str, Any]) -> None:
        lines.append(f"[{place}]" if place else "")
        lines.extend(f"{json.dumps(key)} = {toml(value)}" for key, value in values.items() if not is_table(value))
        for key, value in values.items():
            if is_table(value):
                table(f"{place}.{json.dumps(key)}".lstrip("."), value)

    table("", settings)
    (folder / "vedette.toml").write_text("\n".join(lines))


def is_table(value: Any) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping)


def is_list(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def toml(value: Any) -> str:
    if is_table(value):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(inner)}" for key, inner in value.items()) + "}"
    if is_list(value):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


def changed(settings: Any, place: tuple[Any, ...], new: str | None = None, value: Any = None) -> Any:
    """The settings with the key at `place` called `new`, or with another value there."""
    first, *rest = place
    if isinstance(first, int):
        return [changed(each, tuple(rest), new, value) if n == first else each for n, each in enumerate(settings)]
    inner: Any = settings.get(first)
    if not rest:
        return {**{k: v for k, v in settings.items() if k != first}, new or first: inner if new else value}
    return {**settings, first: changed({} if inner is None else inner, tuple(rest), new, value)}


def places(settings: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items: Any = enumerate(settings) if is_list(settings) else settings.items()
    for key, value in items:
        if isinstance(key, str):
            yield (*above, key)
        if is_table(value) or (is_list(value) and is_table(value[0])):
            yield from places(value, (*above, key))


def test_what_the_misspellings_are_made_of_is_taken(folder: Path) -> None:
    write(folder, WHOLE)
    assert refusal() == ""


@pytest.mark.parametrize("place", list(places(WHOLE)), ids=lambda place: ".".join(map(str, place)))
def test_no_key_of_the_file_may_be_misspelt(place: tuple[Any, ...], folder: Path) -> None:
    for name in misspelt(str(place[-1])):
        settings = changed(WHOLE, place, name)
        if place[:-1] in {("integrations",), ("agents",)} and name:
            # A name of an operator's own, that nothing else says.
            continue
        write(folder, settings)
        assert refusal(), f"{'.'.join(map(str, place))} as {name}"


@pytest.mark.parametrize(("table", "key"), [(table, key) for table, keys in KEYS.items() for key in sorted(keys)])
def test_no_key_that_exists_may_be_misspelt(table: str, key: str, folder: Path) -> None:
    for name in misspelt(key, KEYS[table]):
        write(folder, changed(WHOLE, (*filter(None, table.split(".")), name), value=1))
        assert name in refusal(), f"{table}.{key} as {name}"


@pytest.mark.parametrize("setting", VALUES)
def test_no_value_of_a_list_may_be_misspelt(setting: str, folder: Path) -> None:
    for value in VALUES[setting]:
        for wrong in misspelt(value, VALUES[setting]):
            write(folder, changed(WHOLE, tuple(setting.split(".")), value=[wrong] if ".grant." in setting else wrong))
            assert refusal(), f"{setting} = {wrong}"


@pytest.mark.parametrize(
    "variable", sorted(list_variables(Settings) - {"VEDETTE_LIFELINE_FD", "VEDETTE_DEMONSTRATION"})
)
def test_no_variable_may_be_misspelt(variable: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, WHOLE)
    for name in misspelt(variable, VARIABLES):
        with monkeypatch.context() as patch:
            patch.setenv(name, "1")
            assert name in refusal(), name


@pytest.mark.parametrize("setting", NAMED)
def test_no_variable_of_a_named_table_may_be_misspelt(
    setting: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, WHOLE)
    variable = f"VEDETTE_{setting.replace('.', '__').upper()}"
    for name in misspelt(variable):
        with monkeypatch.context() as patch:
            patch.setenv(name, "observe")
            assert refusal(), name


@pytest.mark.parametrize("handler", ["triage", "notify", "runbook", "link_issue", "escalate_metric_alert"])
def test_no_handler_may_be_misspelt(handler: str, folder: Path) -> None:
    for name in misspelt(handler):
        write(folder, {"handlers": {name: {"mode": "observe"}}})
        assert f"did you mean {handler}?" in refusal()


def test_no_channel_may_be_misspelt_where_it_is_named(folder: Path) -> None:
    ways = (("triage", "grant", "channels"), ("escalate_metric_alert", "channel"), ("notify", "send", 0, "to"))
    for way in ways:
        for name in misspelt("ops"):
            value = [name] if way[-1] == "channels" else name
            write(folder, changed(WHOLE, ("handlers", *way), value=value))
            assert "there is no channel" in refusal(), (way, name)
