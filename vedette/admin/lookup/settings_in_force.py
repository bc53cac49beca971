"""The settings in force, each with the place that it comes from, and without secrets."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, SecretStr

from vedette._core.json_values import json_list, json_object
from vedette._core.secret_masking import MASK
from vedette._core.toml_positions import TomlPositions
from vedette.settings.environment import INTEGRATION_VARIABLES
from vedette.settings.problems import find_variable, read_positions
from vedette.settings.settings import Settings
from vedette.settings.settings_file import settings_file
from vedette.store.server.url import without_password

DEFAULT: Final = "default"
_SECRET: Final = re.compile(r"secret|token|passw|credential|api_?key|private|dsn|webhook|auth", re.IGNORECASE)
"""Names of authors' own settings that may hold secrets; those of Vedette's have a type that says so."""
_ADDRESS: Final = re.compile(r"^([a-z][a-z0-9+.-]*://)[^/@\s]*@", re.IGNORECASE)


@dataclass(frozen=True)
class SettingInForce:
    """One setting."""

    setting: str
    """Its path in the settings file, such as `worker.threads`."""
    value: object
    """As JSON; a secret is masked."""
    source: str
    """The variable, the file and line, or `default`."""

    @property
    def is_default(self) -> bool:
        """Return whether nobody has set it."""
        return self.source == DEFAULT


def list_settings(settings: Settings) -> list[SettingInForce]:
    """Return all settings in the order of docs/settings.md."""
    file = settings_file(os.environ)
    positions = read_positions(file)
    return [SettingInForce(path, value, _source(path, file, positions)) for path, value in _walk("", settings)]


def _walk(path: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, BaseModel):
        fields: dict[str, object] = {name: getattr(value, name) for name in type(value).model_fields}
        yield from _walk_table(path, fields | dict(value.model_extra or {}))
    elif isinstance(value, Mapping):
        yield from _walk_table(path, dict(json_object(value)))
    elif path == "redis_url" and isinstance(value, SecretStr):
        yield path, without_password(value.get_secret_value())
    else:
        yield path, _shown(path, value)


def _walk_table(path: str, table: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for name, value in table.items():
        yield from _walk(f"{path}.{name}" if path else name, value)


def _shown(path: str, value: object) -> object:
    """Return a value as JSON, masked if it is or may be a secret."""
    if isinstance(value, SecretStr):
        return MASK
    if isinstance(value, list | tuple | set | frozenset):
        return [_shown(path, one) for one in json_list(list(_any(value)))]
    if value is None or isinstance(value, bool | int | float):
        return value
    if _SECRET.search(path.rpartition(".")[2]) and _is_of_authors(path):
        return MASK
    return _ADDRESS.sub(rf"\1{MASK}@", str(value))


def _any(values: Any) -> Any:
    return values


def _is_of_authors(path: str) -> bool:
    """Return whether a setting is a handler's or provider's own, whose type is not known here."""
    return path.startswith(("handlers.", "provide."))


def _source(path: str, file: Path, positions: TomlPositions | None) -> str:
    if variable := _variable(path):
        return variable
    parts = tuple(path.split("."))
    for way in (parts, (*parts[:-1], f"{parts[-1]}_file")):
        if positions is not None and (way in positions.keys or way in positions.values):
            return f"{file}:{positions.key(way)[0]}"
    return DEFAULT


def _variable(path: str) -> str:
    """Return the variable that sets a value, in the spelling in which it is set; empty if none does."""
    parts = path.split(".")
    names = [find_variable(".".join(parts[:length])) for length in range(len(parts), 0, -1)]
    if parts[:2] == ["integrations", "default"]:
        names.insert(0, INTEGRATION_VARIABLES.get(parts[-1], ""))
    wanted = [name for each in names if each for name in (each, f"{each}_FILE")]
    given = {name.upper(): name for name, value in os.environ.items() if value}
    return next((given[name.upper()] for name in wanted if name.upper() in given), "")
