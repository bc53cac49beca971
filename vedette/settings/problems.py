"""What is said of settings that are missing or wrong: the setting, where it could be set, what would be right."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from vedette._core.user_error import UserError
from vedette.settings.environment import INTEGRATION_VARIABLES
from vedette.settings.problem_text import keys_beside, sentence_of
from vedette.settings.settings_file import settings_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel, ValidationError

_DEFAULT_TABLE_DEPTH = 2


@dataclass(frozen=True)
class SettingProblem:
    """One setting that is missing or wrong."""

    setting: str
    """Its place in the settings file, such as `integrations.default.token`."""
    problem: str
    """What is wrong and what would be right; never the value of a secret."""
    file: Path
    kind: Literal["value", "table", "unknown"] = "value"
    """A value that is missing or wrong, a table whose keys do not fit together, or a key that nothing knows."""

    def __str__(self) -> str:
        """Say it in one line."""
        variable, place = variable_of(self.setting), f"`{self.setting}` in {self.file}"
        if self.kind == "unknown":
            is_set = any(f"{name.upper()}__".startswith(f"{variable}__") for name in os.environ)
            return f"{variable if is_set else place} {self.problem}"
        if self.kind == "table":
            return f"{self.setting}: {self.problem} (the table [{self.setting}] in {self.file}, or its variables)"
        return f"{self.setting}: {self.problem} (set the variable {variable}, or {place})"


class SettingsError(UserError):
    """The settings cannot be used; carries every problem found."""

    exit_code = 2

    def __init__(self, problems: "tuple[SettingProblem, ...] | Mapping[str, str]") -> None:
        self.problems = tuple(problems) if isinstance(problems, tuple) else ()
        if isinstance(problems, tuple):
            lines = [str(problem) for problem in problems]
        else:
            lines = [f"{given} is not a setting: {hint}" for given, hint in problems.items()]
        super().__init__("\n".join(lines))


class SettingsFileError(SettingsError):
    """A source of settings could not be read at all."""

    def __init__(self, source: str, reason: str) -> None:
        self.source = source
        self.reason = reason
        super().__init__(())
        self.args = (f"{source} {reason}",)


def missing_setting(setting: str) -> SettingProblem:
    """Say that a setting is needed and not there."""
    return SettingProblem(setting, "is missing", settings_file(os.environ))


def variable_of(setting: str) -> str:
    """Return the variable that sets `setting`."""
    parts = setting.split(".")
    if parts[:2] == ["integrations", "default"] and len(parts) > _DEFAULT_TABLE_DEPTH:
        return INTEGRATION_VARIABLES.get(parts[2], f"VEDETTE_{'__'.join(parts).upper()}")
    return f"VEDETTE_{'__'.join(parts).upper()}"


def problems_of(error: "ValidationError", model: "type[BaseModel]", file: Path) -> tuple[SettingProblem, ...]:
    """Turn a validation error into problems that people can act on, without the values that were given.

    Args:
        error: What was found.
        model: The model of all settings.
        file: The settings file.
    """
    found: list[SettingProblem] = []
    for problem in error.errors(include_input=False, include_url=False):
        location = tuple(part for part in problem["loc"] if isinstance(part, str))
        is_table = problem["type"] == "value_error" and bool(keys_beside(model, (*location, "")))
        kind = "unknown" if problem["type"] == "extra_forbidden" else "table" if is_table else "value"
        found.append(SettingProblem(".".join(location), sentence_of(problem, model), file, kind))
    return tuple(found)
