"""Defines the errors for missing and invalid settings, with the variable, the file and the correct form."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from vedette._core.regular_files import UnreadableFileError, read_small_file
from vedette._core.toml_positions import TomlPositions, places_of
from vedette._core.user_error import UserError
from vedette.settings.environment import INTEGRATION_VARIABLES
from vedette.settings.problem_text import describe_error, find_sibling_keys
from vedette.settings.settings_file import SIZE, settings_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel, ValidationError

_DEFAULT_TABLE_DEPTH = 2


@dataclass(frozen=True)
class SettingProblem:
    """A setting that is missing or invalid."""

    setting: str
    """Its path in the settings file, such as `integrations.default.token`."""
    problem: str
    """The problem and the correct form; never the value of a secret."""
    file: Path
    kind: Literal["value", "table", "unknown"] = "value"
    """A value that is missing or invalid, a table with inconsistent keys, or an unknown key."""

    def __str__(self) -> str:
        """Return the message, in one line."""
        variable, place = find_variable(self.setting), f"`{self.setting}` in {self._place}"
        if self.kind == "unknown":
            is_set = any(f"{name.upper()}__".startswith(f"{variable}__") for name in os.environ)
            return f"{variable if is_set else place} {self.problem}"
        if self.kind == "table":
            return f"{self.setting}: {self.problem} (the table [{self.setting}] in {self.file}, or its variables)"
        return f"{self.setting}: {self.problem} (set the variable {variable}, or {place})"

    @property
    def _place(self) -> str:
        """The file, and the line of the setting if it has one."""
        line = line_of(self.file, self.setting)
        return str(self.file) if line is None else f"{self.file}, line {line}"


def line_of(file: Path, setting: str) -> int | None:
    """Return the line of a setting in a settings file; None if the file does not have it."""
    positions = read_positions(file)
    path = tuple(setting.split("."))
    if positions is None or not (path in positions.keys or path in positions.values):
        return None
    return positions.key(path)[0]


def read_positions(file: Path) -> TomlPositions | None:
    """Return the positions in a settings file; None if it cannot be read."""
    try:
        return places_of(read_small_file(file, SIZE))
    except (UnreadableFileError, ValueError, RecursionError):
        return None


class SettingsError(UserError):
    """The settings are invalid; `problems` has every problem found."""

    exit_code = 2

    def __init__(self, problems: "tuple[SettingProblem, ...] | Mapping[str, str]") -> None:
        self.problems = tuple(problems) if isinstance(problems, tuple) else ()
        if isinstance(problems, tuple):
            lines = [str(problem) for problem in problems]
        else:
            lines = [f"{given} is not a setting: {hint}" for given, hint in problems.items()]
        super().__init__("\n".join(lines))


class SettingsFileError(SettingsError):
    """A source of settings cannot be read."""

    def __init__(self, source: str, reason: str) -> None:
        self.source = source
        self.reason = reason
        super().__init__(())
        self.args = (f"{source} {reason}",)


def report_missing(setting: str) -> SettingProblem:
    """Return the problem of a required setting that is missing."""
    return SettingProblem(setting, "is missing", settings_file(os.environ))


def find_variable(setting: str) -> str:
    """Return the variable that sets `setting`."""
    parts = setting.split(".")
    if parts[:2] == ["integrations", "default"] and len(parts) > _DEFAULT_TABLE_DEPTH:
        return INTEGRATION_VARIABLES.get(parts[2], f"VEDETTE_{'__'.join(parts).upper()}")
    return f"VEDETTE_{'__'.join(parts).upper()}"


def convert_errors(error: "ValidationError", model: "type[BaseModel]", file: Path) -> tuple[SettingProblem, ...]:
    """Convert a validation error to problems for operators, without the given values.

    Args:
        error: The validation error.
        model: The model of all settings.
        file: The settings file.
    """
    found: list[SettingProblem] = []
    for problem in error.errors(include_input=False, include_url=False):
        location = tuple(part for part in problem["loc"] if isinstance(part, str))
        is_table = problem["type"] == "value_error" and bool(find_sibling_keys(model, (*location, "")))
        kind = "unknown" if problem["type"] == "extra_forbidden" else "table" if is_table else "value"
        found.append(SettingProblem(".".join(location), describe_error(problem, model), file, kind))
    return tuple(found)
