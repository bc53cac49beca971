"""Reads settings from variables, where their names differ from the fields, and finds misspelt variables.

The variables of the integration `default` have short names because most installations set no others, and each secret
can be read from a file (`VEDETTE_TOKEN_FILE`), as container secrets are.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource

from vedette._core.json_values import json_object
from vedette._core.nearest_name import edit_distance, find_nearest_name
from vedette._core.regular_files import read_small_file

INTEGRATION_VARIABLES = {
    "client_secret": "VEDETTE_CLIENT_SECRET",
    "token": "VEDETTE_TOKEN",
    "organization": "VEDETTE_ORGANIZATION",
    "sentry_url": "VEDETTE_SENTRY_URL",
    "public_url": "VEDETTE_PUBLIC_URL",
}
SECRET_FIELDS = ("client_secret", "token")
OTHER_VARIABLES = ("VEDETTE_CONFIG", "VEDETTE_LIFELINE_FD", "VEDETTE_DEMONSTRATION")
_PREFIX: Final = "VEDETTE_"
_SHORT_NAME: Final = 6
"""Letters of a name below which two wrong ones make it another name."""


def read_secret_files(values: Any, names: tuple[str, ...]) -> Any:
    """Replace each `NAME_file` of `names` by `NAME` with the file's content, less the white space around it.

    Raises:
        ValueError: A file cannot be read, is no regular file or no UTF-8; `pydantic` adds the setting's name.
    """
    if not isinstance(values, dict):
        return values
    table = dict(json_object(values))
    for name in names:
        path = table.pop(f"{name}_file", None)
        if path is None or table.get(name):
            continue
        try:
            table[name] = read_small_file(Path(str(path))).strip()
        except ValueError as error:
            raise ValueError(f"{name}_file: {error}") from None
    return table


class IntegrationVariables(PydanticBaseSettingsSource):
    """The variables that describe the integration `default`, and `VEDETTE_REDIS_URL_FILE`."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return no value, since `__call__` returns all."""
        del field
        return (None, field_name, False)

    def __call__(self) -> dict[str, Any]:
        """Return the settings of these variables."""
        default: dict[str, Any] = {}
        for field, variable in INTEGRATION_VARIABLES.items():
            if os.environ.get(variable):
                default[field] = os.environ[variable]
            elif field in SECRET_FIELDS and os.environ.get(f"{variable}_FILE"):
                default[f"{field}_file"] = os.environ[f"{variable}_FILE"]
        settings: dict[str, Any] = {"integrations": {"default": default}} if default else {}
        if os.environ.get("VEDETTE_REDIS_URL_FILE") and not os.environ.get("VEDETTE_REDIS_URL"):
            settings["redis_url_file"] = os.environ["VEDETTE_REDIS_URL_FILE"]
        return settings


class FieldVariables(EnvSettingsSource):
    """The variables named after fields; a list or table may be JSON, and a list of texts plain text."""

    def decode_complex_value(self, field_name: str, field: Any, value: Any) -> Any:
        """Parse a value as JSON if it is a list or a table; return other values as text."""
        try:
            read: object = super().decode_complex_value(field_name, field, value)
        except (ValueError, RecursionError):
            return value
        # A number may be intended as a text where the field is known; the type of an author's own key is unknown.
        is_text = isinstance(field, FieldInfo) and type(read) not in {list, dict}
        return value if is_text else read


def find_misspelt_variables(settings: type[BaseSettings], variables: Mapping[str, str]) -> dict[str, str]:
    """Find variables that are probably misspelt settings.

    Only similar names count, and names with `__`, which are Vedette's: a container platform may set other variables
    with the same prefix.

    Returns:
        The variable's name -> a hint with the correct name.
    """
    found: dict[str, str] = {}
    exact = list_variables(settings)
    # The operator chooses the names below these tables; pydantic validates the keys after them.
    tables = [f"{_PREFIX}{name.upper()}" for name, field in settings.model_fields.items() if _is_table_of_tables(field)]
    for variable in variables:
        upper = variable.upper()
        if variable in exact or upper in _case_insensitive_variables(settings) or not _has_similar_prefix(upper):
            continue
        head, separator, rest = upper.partition("__")
        if head in tables and separator and rest:
            continue
        meant = _find_intended(upper, exact, tables)
        if meant or (upper.startswith(_PREFIX) and separator):
            found[variable] = f"did you mean {meant}?" if meant else f"write one such as {min(exact)}"
        elif table := next((table for table in tables if upper.startswith(f"{table}_")), ""):
            found[variable] = f"put two underscores behind {table}, and behind each name that follows"
    return found


def list_variables(settings: type[BaseSettings]) -> frozenset[str]:
    """Return the variables of all settings, except for tables with names that the operator chooses."""
    secrets = [INTEGRATION_VARIABLES[field] for field in SECRET_FIELDS]
    files = [f"{variable}_FILE" for variable in (*secrets, "VEDETTE_REDIS_URL")]
    return frozenset(
        {*INTEGRATION_VARIABLES.values(), *OTHER_VARIABLES, *files, *_case_insensitive_variables(settings)}
    )


def _case_insensitive_variables(settings: type[BaseSettings]) -> set[str]:
    found: set[str] = set()
    for name, field in settings.model_fields.items():
        found.add(f"{_PREFIX}{name.upper()}")
        if isinstance(field.default, BaseModel):
            found |= _variables_below(f"{_PREFIX}{name.upper()}", type(field.default))
    return found


def _variables_below(table: str, model: type[BaseModel]) -> set[str]:
    """Return the variables of a table and of the tables in it, with those that name a secret's file."""
    found: set[str] = set()
    for name, field in model.model_fields.items():
        variable = f"{table}__{name.upper()}"
        found.add(variable)
        if isinstance(field.default, BaseModel):
            found |= _variables_below(variable, type(field.default))
        elif "SecretStr" in str(field.annotation):
            found.add(f"{variable}_FILE")
    return found


def _has_similar_prefix(variable: str) -> bool:
    # Of "VEDETTE_" with one letter wrong, either the beginning or the end is right.
    return variable.startswith("VED") or "TTE" in variable[:9]


def _find_intended(variable: str, exact: frozenset[str], tables: list[str]) -> str:
    allowed = 2 if len(variable) >= len(_PREFIX) + _SHORT_NAME else 1
    distances = {name: edit_distance(variable, name, allowed) for name in sorted(exact)}
    nearest = min(distances, key=lambda name: distances[name])
    if distances[nearest] <= allowed:
        return nearest
    head, separator, rest = variable.partition("__")
    table = find_nearest_name(head, tables) if separator and rest else None
    return f"{table}__{rest}" if table is not None and edit_distance(head, table) <= allowed else ""


def _is_table_of_tables(field: FieldInfo) -> bool:
    return get_origin(field.annotation) is dict
