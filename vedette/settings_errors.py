"""What is said of settings that are missing or wrong: the setting, where it could be set, what would be right."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vedette.clear_errors import ClearError
from vedette.settings_variables import INTEGRATION_VARIABLES, settings_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import ValidationError

_DEFAULT_TABLE_DEPTH = 2


@dataclass(frozen=True)
class SettingProblem:
    """One setting that is missing or wrong."""

    setting: str
    """Its place in the settings file, such as `integrations.default.token`."""
    problem: str
    """What is wrong and what would be right; never the value of a secret."""
    file: Path

    def __str__(self) -> str:
        """Say it in one line."""
        where = f"`{self.setting}` in {self.file}"
        return f"{self.setting}: {self.problem} (set the variable {variable_of(self.setting)}, or {where})"


class SettingsError(ClearError):
    """The settings cannot be used; carries every problem found."""

    exit_code = 2

    def __init__(self, problems: "tuple[SettingProblem, ...] | Mapping[str, str]") -> None:
        self.problems = tuple(problems) if isinstance(problems, tuple) else ()
        if isinstance(problems, tuple):
            lines = [str(problem) for problem in problems]
        else:
            lines = [f"{given} is not a setting: did you mean {meant}?" for given, meant in problems.items()]
        super().__init__("\n".join(lines))


class SettingsFileError(SettingsError):
    """A source of settings could not be read at all."""

    def __init__(self, source: str, reason: str) -> None:
        self.source = source
        self.reason = reason
        super().__init__(())
        self.args = (f"{source} cannot be read: {reason}",)


def missing_setting(setting: str) -> SettingProblem:
    """Say that a setting is needed and not there."""
    return SettingProblem(setting, "is missing", settings_file(os.environ))


def variable_of(setting: str) -> str:
    """Return the variable that sets `setting`."""
    parts = setting.split(".")
    if parts[:2] == ["integrations", "default"] and len(parts) > _DEFAULT_TABLE_DEPTH:
        return INTEGRATION_VARIABLES.get(parts[2], f"VEDETTE_{'__'.join(parts).upper()}")
    return f"VEDETTE_{'__'.join(parts).upper()}"


def problems_of(error: "ValidationError", file: Path) -> tuple[SettingProblem, ...]:
    """Turn a validation error into problems that people can act on, without the values that were given."""
    return tuple(
        SettingProblem(".".join(_setting_path(problem["loc"])), _sentence(problem["type"], problem["msg"]), file)
        for problem in error.errors(include_input=False, include_url=False)
    )


def _setting_path(location: tuple[int | str, ...]) -> list[str]:
    return [part for part in location if isinstance(part, str)]


def _sentence(kind: str, message: str) -> str:
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        return "is not a setting: look for a misspelling"
    return message.removeprefix("Value error, ").removeprefix("Input ")
