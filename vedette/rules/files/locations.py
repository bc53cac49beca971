"""Where the triage rules stand: in the files that the settings name, else beside the settings, else here."""

import os
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Final

from vedette._core.json_values import json_list
from vedette.settings.settings_file import settings_file

BESIDE: Final = "triage.toml"


def default_rules() -> Path:
    """The rules that ship with Vedette."""
    return Path(str(resources.files("vedette.rules.files").joinpath("default.toml")))


def rules_files(files: Sequence[Path]) -> Callable[[], list[Path]]:
    """What tells where the rules stand at the moment: a triage.toml that is made takes the place of those that ship.

    Args:
        files: What the settings name, relative to the settings file.
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
    """The files that the table `[handlers.triage]` of the settings names."""
    files: object = table.get("files", [])
    return [Path(str(file)) for file in json_list(files)] if isinstance(files, list) else []
