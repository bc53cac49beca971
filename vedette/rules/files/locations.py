"""Locates the rules files: those of the settings, else the one beside the settings, else the default."""

import os
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Final

from vedette._core.json_values import json_list
from vedette.settings.settings_file import settings_file

BESIDE: Final = "triage.toml"


def default_rules() -> Path:
    """Return the path of the default rules."""
    return Path(str(resources.files("vedette.rules.files").joinpath("default.toml")))


def rules_files(files: Sequence[Path]) -> Callable[[], list[Path]]:
    """Return a function that locates the rules files: a new triage.toml replaces the default rules.

    Args:
        files: The files of the settings, relative to the settings file.
    """
    # A plugin may change the working directory.
    folder = settings_file(os.environ).parent.absolute()

    def found() -> list[Path]:
        if files:
            return [folder / file for file in files]
        own = folder / BESIDE
        return [own if os.path.lexists(own) else default_rules()]

    return found


def files_of(table: Mapping[str, Any]) -> list[Path]:
    """Return the files in the table `[handlers.triage]` of the settings."""
    files: object = table.get("files", [])
    return [Path(str(file)) for file in json_list(files)] if isinstance(files, list) else []
