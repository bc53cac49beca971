"""How variables become settings where their names do not simply follow the fields.

The variables of the integration `default` are short because they are what most people ever set, and each secret can
come from a file (`VEDETTE_TOKEN_FILE`), as container secrets do.
"""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

INTEGRATION_VARIABLES = {
    "client_secret": "VEDETTE_CLIENT_SECRET",
    "token": "VEDETTE_TOKEN",
    "organization": "VEDETTE_ORGANIZATION",
    "sentry_url": "VEDETTE_SENTRY_URL",
}
SECRET_FIELDS = ("client_secret", "token")
OTHER_VARIABLES = ("VEDETTE_CONFIG", "VEDETTE_LIFELINE_FD", "VEDETTE_DEMONSTRATION")
_SIMILAR = 0.85


def settings_file(variables: Mapping[str, str]) -> Path:
    """Return the settings file's path: `VEDETTE_CONFIG`, else `vedette.toml` in the working directory."""
    return Path(variables.get("VEDETTE_CONFIG") or "vedette.toml")


def with_secret_files(values: Any, names: tuple[str, ...]) -> Any:
    """Replace each `NAME_file` of `names` by `NAME` with the file's content, less the white space around it.

    Raises:
        ValueError: When a file cannot be read; `pydantic` ties it to the setting.
    """
    if not isinstance(values, dict):
        return values
    table = dict(cast("dict[str, Any]", values))
    for name in names:
        path = table.pop(f"{name}_file", None)
        if path is None or table.get(name):
            continue
        try:
            table[name] = Path(str(path)).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"{name}_file cannot be read: {error}") from None
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


def misspelt_variables(settings: type[BaseSettings], variables: Mapping[str, str]) -> dict[str, str]:
    """Find variables that look like a misspelt setting.

    Only near misses count: a container platform may set variables of its own that begin alike.

    Returns:
        The variable's name -> the setting's that was probably meant.
    """
    secrets = [INTEGRATION_VARIABLES[field] for field in SECRET_FIELDS]
    known = {f"VEDETTE_{field.upper()}" for field in settings.model_fields}
    known |= {*INTEGRATION_VARIABLES.values(), *OTHER_VARIABLES}
    known |= {f"{variable}_FILE" for variable in (*secrets, "VEDETTE_REDIS_URL")}
    found: dict[str, str] = {}
    for variable in variables:
        if not variable.startswith("VEDETTE_") or variable in known or "__" in variable:
            continue
        near = difflib.get_close_matches(variable, known, n=1, cutoff=_SIMILAR)
        if near:
            found[variable] = near[0]
    return found
