"""Reads the settings file: the file that `VEDETTE_CONFIG` names, which must exist, else `vedette.toml` if it exists."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from vedette._core.regular_files import UnreadableFileError, read_small_file

VARIABLE: Final = "VEDETTE_CONFIG"
SIZE: Final = 4 * 1024 * 1024
"""Bytes that a settings file may have."""


def settings_file(variables: Mapping[str, str]) -> Path:
    """Return the settings file's path: `VEDETTE_CONFIG`, else `vedette.toml` in the working directory."""
    return Path(variables.get(VARIABLE) or "vedette.toml")


def has_settings_file(variables: Mapping[str, str]) -> bool:
    """Return whether there is a settings file: one that is named, or anything called `vedette.toml` here."""
    return bool(variables.get(VARIABLE)) or os.path.lexists(settings_file(variables))


def read_settings_file(variables: Mapping[str, str]) -> dict[str, Any]:
    """Return the content of the settings file; empty where none is named and `vedette.toml` does not exist.

    Raises:
        UnreadableFileError: It is named and missing, no regular file, or no TOML.
    """
    path = settings_file(variables)
    # An entry of any type counts: a bind mount without its source creates a folder.
    if not has_settings_file(variables):
        return {}
    try:
        return tomllib.loads(read_small_file(path, SIZE))
    except RecursionError:
        raise UnreadableFileError(path, "cannot be read: its lists or tables are nested too deeply") from None
    except tomllib.TOMLDecodeError as error:
        raise UnreadableFileError(path, f"cannot be read: {error}") from None
