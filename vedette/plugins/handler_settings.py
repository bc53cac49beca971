"""Reads the table of a handler or provider in the settings into the author's model."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, get_type_hints

from pydantic import BaseModel, ValidationError

from vedette._core.nearest_name import find_nearest_name
from vedette.settings.environment import read_secret_files
from vedette.settings.problem_text import describe_error

PARAMETER = "settings"


class OwnSettingsError(ValueError):
    """Settings of an author's own cannot be used; the text says which key, and never its value."""

    def __init__(self, table: str, problem: str) -> None:
        self.table = table
        super().__init__(f"[{table}]: {problem}")


def read_own_settings(
    table: str, function: Callable[..., object], given: Mapping[str, Any], further: Iterable[str] = ()
) -> BaseModel | None:
    """Read the settings that `function` is annotated to take; return None when it takes none.

    A key can come from a file, as each of Vedette's secrets can: `token_file` instead of `token`.

    Args:
        table: The name of the table, such as `handlers.alarm`.
        function: The handler or provider.
        given: The keys of the table, without Vedette's own.
        further: Vedette's own keys, to suggest one when a key is misspelt.

    Raises:
        OwnSettingsError: A key is missing, wrong or unknown, or the annotation is no model.
    """
    model = _model_of(table, function)
    given = _with_files(table, model, given)
    _refuse_unknown(table, model, given, further)
    if model is None:
        return None
    try:
        return model.model_validate(dict(given))
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        problems = [f"{'.'.join(map(str, each['loc']))}: {describe_error(each, model)}" for each in found]
        raise OwnSettingsError(table, "; ".join(problem.removeprefix(": ") for problem in problems)) from None


def required_keys(table: str, function: Callable[..., object]) -> tuple[str, ...]:
    """Return the keys that `function` requires.

    Raises:
        OwnSettingsError: The annotation is no model.
    """
    model = _model_of(table, function)
    return () if model is None else tuple(name for name, each in model.model_fields.items() if each.is_required())


def _model_of(table: str, function: Callable[..., object]) -> type[BaseModel] | None:
    try:
        hints = get_type_hints(function)
    except NameError as error:
        if PARAMETER not in function.__annotations__:
            return None
        raise OwnSettingsError(table, f"{error}: import it outside `if TYPE_CHECKING:`") from None
    if PARAMETER not in hints:
        return None
    model = hints[PARAMETER]
    if isinstance(model, type) and issubclass(model, BaseModel):
        return model
    raise OwnSettingsError(table, "annotate `settings` with a pydantic model: `settings: MySettings`")


def _known_to(model: type[BaseModel] | None) -> set[str]:
    fields = {} if model is None else model.model_fields
    return {*fields, *(field.alias for field in fields.values() if field.alias)}


def _with_files(table: str, model: type[BaseModel] | None, given: Mapping[str, Any]) -> Mapping[str, Any]:
    known = _known_to(model)
    names = [key.removesuffix("_file") for key in given if key.endswith("_file") and key not in known]
    try:
        return read_secret_files(dict(given), tuple(name for name in names if name in known))
    except ValueError as error:
        raise OwnSettingsError(table, str(error)) from None


def _refuse_unknown(
    table: str, model: type[BaseModel] | None, given: Mapping[str, Any], further: Iterable[str]
) -> None:
    if model is not None and model.model_config.get("extra") == "allow":
        return
    known = _known_to(model)
    for key in given:
        if key not in known:
            near = find_nearest_name(key, {*known, *further})
            hint = f"did you mean {near}?" if near else "take it away"
            raise OwnSettingsError(table, f"{key} is not a setting of it: {hint}")
