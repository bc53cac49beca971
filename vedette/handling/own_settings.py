"""A handler's own settings: what stands in its table besides Vedette's keys, read into its own model."""

import difflib
from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

from pydantic import BaseModel, ValidationError

PARAMETER = "settings"


class OwnSettingsError(ValueError):
    """A handler's own settings cannot be used; the text says which key, and never its value."""

    def __init__(self, handler: str, problem: str) -> None:
        self.handler = handler
        super().__init__(f"[handlers.{handler}]: {problem}")


def own_settings(handler: str, function: Callable[..., object], given: Mapping[str, Any]) -> BaseModel | None:
    """Read the settings that `function` is annotated to take; None where it takes none.

    Args:
        handler: Its name.
        function: The handler's function.
        given: What stands in its table besides Vedette's keys.

    Raises:
        OwnSettingsError: A key is missing, wrong or unknown, or the annotation is no model.
    """
    model = _model_of(handler, function)
    _refuse_unknown(handler, model, given)
    if model is None:
        return None
    try:
        return model.model_validate(dict(given))
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors(include_input=False)]
        raise OwnSettingsError(handler, "; ".join(problems)) from None


def _model_of(handler: str, function: Callable[..., object]) -> type[BaseModel] | None:
    try:
        hints = get_type_hints(function)
    except NameError as error:
        if PARAMETER not in function.__annotations__:
            return None
        raise OwnSettingsError(handler, f"{error}: import it outside `if TYPE_CHECKING:`") from None
    if PARAMETER not in hints:
        return None
    model = hints[PARAMETER]
    if isinstance(model, type) and issubclass(model, BaseModel):
        return model
    raise OwnSettingsError(handler, "annotate `settings` with a pydantic model: `settings: MySettings`")


def _refuse_unknown(handler: str, model: type[BaseModel] | None, given: Mapping[str, Any]) -> None:
    if model is not None and model.model_config.get("extra") == "allow":
        return
    fields = {} if model is None else model.model_fields
    known = {*fields, *(field.alias for field in fields.values() if field.alias)}
    for key in given:
        if key not in known:
            near = difflib.get_close_matches(key, {*known, "enabled", "mode", "modes", "grant"}, n=1)
            hint = f"did you mean {near[0]}?" if near else "take it away"
            raise OwnSettingsError(handler, f"{key} is not a setting of it: {hint}")
