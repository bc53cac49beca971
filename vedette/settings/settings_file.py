"""Reads the settings file: `VEDETTE_CONFIG`, which then has to exist, else `vedette.toml` where there is one."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from vedette._core.regular_files import UnreadableFileError, read_small_file

VARIABLE: Final = "VEDETTE_CONFIG"
_SIZE: Final = 4 * 1024 * 1024
"""Bytes that a settings file may have."""


def settings_file(variables: Mapping[str, str]) -> Path:
    """Return the settings file's path: `VEDETTE_CONFIG`, else `vedette.toml` in the working directory."""
    return Path(variables.get(VARIABLE) or "vedette.toml")


def has_settings_file(variables: Mapping[str, str]) -> bool:
    """Return whether there is a settings file: one that is named, or anything called `vedette.toml` here."""
    return bool(variables.get(VARIABLE)) or os.path.lexists(settings_file(variables))


def read_settings_file(variables: Mapping[str, str]) -> dict[str, Any]:
    """Return what the settings file holds; nothing where none is named and `vedette.toml` does not exist.

    Raises:
        UnreadableFileError: It is named and not there, no regular file, or no TOML.
    """
    path = settings_file(variables)
    # Anything that has this name counts: a folder is what a bind mount without its source leaves behind.
    if not has_settings_file(variables):
        return {}
    try:
        return tomllib.loads(read_small_file(path, _SIZE))
    except RecursionError:
        raise UnreadableFileError(path, "cannot be read: its lists or tables are nested too deeply") from None
    except tomllib.TOMLDecodeError as error:
        raise UnreadableFileError(path, f"cannot be read: {error}") from None
