"""docs/settings.md lists every setting with its current default, and nothing else."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from vedette.settings.agents import AgentSettings
from vedette.settings.channels import ChannelSettings
from vedette.settings.environment import OTHER_VARIABLES
from vedette.settings.problems import find_variable
from vedette.settings.settings import HandlerSettings, IntegrationSettings, Settings, load_settings

PAGE = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
INTERNAL = {"VEDETTE_LIFELINE_FD", "VEDETTE_DEMONSTRATION"}
NOT_SET = "-"
EXAMPLES = {"redis_url": "redis://127.0.0.1:6379/0", "channels.NAME.url": "https://hooks.example/services/x"}
# What a channel's table needs besides the secret.
OTHERS = {
    "channels.NAME.url": {"KIND": "slack"},
    "channels.NAME.token": {"KIND": "slack", "POST_TO": "C042"},
    "channels.NAME.secret": {"KIND": "webhook", "URL": "https://hooks.example/x"},
}
# Where a field holds tables under names of the operator's choice: the name that stands for them on the page.
TABLES: dict[str, tuple[str, type[BaseModel]]] = {
    "integrations": ("default", IntegrationSettings),
    "channels": ("NAME", ChannelSettings),
    "handlers": ("NAME", HandlerSettings),
    "agents": ("NAME", AgentSettings),
}


def fields_of(model: type[BaseModel], place: str = "") -> dict[str, FieldInfo]:
    """Each setting's place in the file -> its field."""
    found: dict[str, FieldInfo] = {}
    for name, field in model.model_fields.items():
        if not place and name in TABLES:
            key, table = TABLES[name]
            found |= fields_of(table, f"{name}.{key}.")
        elif isinstance(field.default, BaseModel):
            found |= fields_of(type(field.default), f"{place}{name}.")
        else:
            found[f"{place}{name}"] = field
    return found


def default_text(field: FieldInfo) -> str:
    """The field's default as the page writes it."""
    if field.is_required():
        return "required"
    value: Any = field.default
    if value is None or value == ():
        return NOT_SET
    if isinstance(value, tuple):
        return f"`{json.dumps(value)}`"
    if isinstance(value, bool):
        return f"`{value}`".lower()
    if isinstance(value, float) and value.is_integer():
        return f"`{int(value)}`"
    return f"`{value}`"


FIELDS = fields_of(Settings)
ROWS = {
    place: (variable, default, meaning)
    for variable, place, default, meaning in re.findall(
        r"^\| `(\w+)` \| `([\w.]+)` \| (`[^`]+`|\S+) \| (.+) \|$", PAGE, re.MULTILINE
    )
}


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_page_has_each_setting_and_no_other() -> None:
    assert set(ROWS) == set(FIELDS)


def test_every_table_line_was_read() -> None:
    assert PAGE.count("\n| `") == len(ROWS)


@pytest.mark.parametrize("place", FIELDS)
def test_a_setting_stands_with_its_variable_and_its_default(place: str) -> None:
    variable, default, meaning = ROWS[place]
    assert variable == find_variable(place)
    assert default == default_text(FIELDS[place])
    assert len(meaning) > 10


def test_each_default_can_be_given_through_its_variable_as_the_page_writes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = load_settings()
    for variable, default, _ in ROWS.values():
        if default.startswith("`") and "__NAME__" not in variable:
            monkeypatch.setenv(variable, default.strip("`"))
    monkeypatch.setenv("VEDETTE_CLIENT_SECRET", "s" * 32)
    given = load_settings()
    assert given.model_dump(exclude={"integrations"}) == plain.model_dump(exclude={"integrations"})


@pytest.mark.parametrize("place", [place for place, field in FIELDS.items() if "SecretStr" in str(field.annotation)])
def test_each_secret_can_come_from_a_file(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = place.rpartition(".")[2]
    assert f"`{name}`" in PAGE.partition("## Secrets")[2].partition("## General")[0]
    secret = EXAMPLES.get(place, "a secret of some length")
    (tmp_path / "secret").write_text(f" {secret}\n")
    monkeypatch.setenv("VEDETTE_CLIENT_SECRET_FILE", "secret")
    monkeypatch.setenv(f"{find_variable(place)}_FILE", "secret")
    for name_of_other, value in OTHERS.get(place, {}).items():
        monkeypatch.setenv(f"VEDETTE_CHANNELS__NAME__{name_of_other}", value)
    settings = load_settings()
    owners: dict[str, Any] = {
        "integrations": settings.integrations.get("default"),
        "channels": settings.channels.get("name"),
        "console": settings.console.oidc,
    }
    owner: Any = owners.get(place.partition(".")[0], settings)
    read: SecretStr | tuple[SecretStr, ...] = getattr(owner, name)
    first = read[0] if isinstance(read, tuple) else read
    assert first.get_secret_value() == secret


def test_the_lists_of_an_integration_are_json_in_its_long_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEDETTE_INTEGRATIONS__ACME__CLIENT_SECRET", '["old-secret-of-tests", "new-secret-of-tests"]')
    monkeypatch.setenv("VEDETTE_INTEGRATIONS__ACME__TOKEN", "t")
    acme = load_settings().integrations["acme"]
    assert [secret.get_secret_value() for secret in acme.client_secret] == [
        "old-secret-of-tests",
        "new-secret-of-tests",
    ]


def test_the_example_file_is_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    example = PAGE.partition("```toml\n")[2].partition("```")[0]
    for name in ("client-secret", "token"):
        (tmp_path / name).write_text("s" * 32)
    (tmp_path / "own.toml").write_text(example.replace("/etc/vedette", str(tmp_path)))
    monkeypatch.setenv("VEDETTE_CONFIG", "own.toml")
    settings = load_settings()
    assert settings.integrations["default"].organization == "acme"
    assert settings.handlers["triage"].mode == "observe"


def test_a_variable_that_is_no_setting_but_read_is_on_the_page_unless_internal() -> None:
    for variable in set(OTHER_VARIABLES) - INTERNAL:
        assert f"`{variable}`" in PAGE
