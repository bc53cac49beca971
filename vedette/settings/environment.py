"""How variables become settings where their names do not simply follow the fields.

The variables of the integration `default` are short because they are what most people ever set, and each secret can
come from a file (`VEDETTE_TOKEN_FILE`), as container secrets do.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource

from vedette._core.json_values import json_object
from vedette._core.nearest_name import edits_between, nearest_name
from vedette._core.regular_files import read_small_file

INTEGRATION_VARIABLES = {
    "client_secret": "VEDETTE_CLIENT_SECRET",
    "token": "VEDETTE_TOKEN",
    "organization": "VEDETTE_ORGANIZATION",
    "sentry_url": "VEDETTE_SENTRY_URL",
}
SECRET_FIELDS = ("client_secret", "token")
OTHER_VARIABLES = ("VEDETTE_CONFIG", "VEDETTE_LIFELINE_FD", "VEDETTE_DEMONSTRATION")
_PREFIX: Final = "VEDETTE_"
_SHORT_NAME: Final = 6
"""Letters below which a name with two of them wrong is another name."""


def with_secret_files(values: Any, names: tuple[str, ...]) -> Any:
    """Replace each `NAME_file` of `names` by `NAME` with the file's content, less the white space around it.

    Raises:
        ValueError: When a file cannot be read, is no regular file or no UTF-8; `pydantic` ties it to the setting.
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
        """Give nothing field by field; see `__call__`."""
        del field
        return (None, field_name, False)

    def __call__(self) -> dict[str, Any]:
        """Return the settings that these variables make."""
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


class Variables(EnvSettingsSource):
    """The variables that follow the fields; a list or table may be JSON, and a list of texts its plain text."""

    def decode_complex_value(self, field_name: str, field: Any, value: Any) -> Any:
        """Read a value as JSON where it is a list or a table, and leave it as text else."""
        try:
            read: object = super().decode_complex_value(field_name, field, value)
        except (ValueError, RecursionError):
            return value
        # A number may be meant as a text where the field is known; of an author's own key nothing is known here.
        is_text = isinstance(field, FieldInfo) and type(read) not in {list, dict}
        return value if is_text else read


def misspelt_variables(settings: type[BaseSettings], variables: Mapping[str, str]) -> dict[str, str]:
    """Find variables that look like a misspelt setting.

    Only near misses count, and names with `__`, which nobody else has: a container platform may set variables of its
    own that begin alike.

    Returns:
        The variable's name -> what to write.
    """
    found: dict[str, str] = {}
    exact = known_variables(settings)
    # Names of the operator's choice stand below these; pydantic looks at what follows them.
    tables = [f"{_PREFIX}{name.upper()}" for name, field in settings.model_fields.items() if _is_table_of_tables(field)]
    for variable in variables:
        upper = variable.upper()
        if variable in exact or upper in _read_in_any_case(settings) or not _begins_alike(upper):
            continue
        head, separator, rest = upper.partition("__")
        if head in tables and separator and rest:
            continue
        meant = _meant(upper, exact, tables)
        if meant or (upper.startswith(_PREFIX) and separator):
            found[variable] = f"did you mean {meant}?" if meant else f"write one such as {min(exact)}"
        elif table := next((table for table in tables if upper.startswith(f"{table}_")), ""):
            found[variable] = f"put two underscores behind {table}, and behind each name that follows"
    return found


def known_variables(settings: type[BaseSettings]) -> frozenset[str]:
    """Return the variables of all settings but those in tables under names of the operator's choice."""
    secrets = [INTEGRATION_VARIABLES[field] for field in SECRET_FIELDS]
    files = [f"{variable}_FILE" for variable in (*secrets, "VEDETTE_REDIS_URL")]
    return frozenset({*INTEGRATION_VARIABLES.values(), *OTHER_VARIABLES, *files, *_read_in_any_case(settings)})


def _read_in_any_case(settings: type[BaseSettings]) -> set[str]:
    found: set[str] = set()
    for name, field in settings.model_fields.items():
        found.add(f"{_PREFIX}{name.upper()}")
        if isinstance(field.default, BaseModel):
            found |= {f"{_PREFIX}{name.upper()}__{key.upper()}" for key in type(field.default).model_fields}
    return found


def _begins_alike(variable: str) -> bool:
    # Of "VEDETTE_" with one letter wrong, either the beginning or the end is right.
    return variable.startswith("VED") or "TTE" in variable[:9]


def _meant(variable: str, exact: frozenset[str], tables: list[str]) -> str:
    allowed = 2 if len(variable) >= len(_PREFIX) + _SHORT_NAME else 1
    distances = {name: edits_between(variable, name, allowed) for name in sorted(exact)}
    nearest = min(distances, key=lambda name: distances[name])
    if distances[nearest] <= allowed:
        return nearest
    head, separator, rest = variable.partition("__")
    table = nearest_name(head, tables) if separator and rest else None
    return f"{table}__{rest}" if table is not None and edits_between(head, table) <= allowed else ""


def _is_table_of_tables(field: FieldInfo) -> bool:
    return get_origin(field.annotation) is dict
