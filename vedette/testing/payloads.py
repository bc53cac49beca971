"""Events for tests: from a sample, or from a file with a body, with some values replaced."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vedette._core.json_values import json_object
from vedette.events import Event, body_recognition, parse, samples


class UnrecognisedBodyError(ValueError):
    """A file without the body of a webhook of a known kind."""

    def __init__(self, file: Path, problem: str) -> None:
        self.file = file
        super().__init__(f"{file} {problem}")


def event_of(what: str | Path, overrides: Mapping[str, object], resource: str | None = None) -> Event:
    """Return the event of a sample or a file.

    Args:
        what: A sample's name, or the path of a file with a body as it came, in JSON.
        overrides: Values to replace.
        resource: The header `Sentry-Hook-Resource`; recognised unless given.

    Raises:
        UnknownSampleError: there is no such sample.
        UnrecognisedBodyError: the file holds no body, or one of an unknown kind.
        SamplePathError: an override names nothing that the body has.
    """
    if isinstance(what, Path) or what.endswith(".json"):
        file = Path(what)
        body = _read(file)
        resource = resource or _recognised(file, body)
    else:
        body = samples.load(what)
        resource = resource or samples.resource_of(what)
    return parse(resource, samples.override(body, str(what), _paths(body, overrides)))


def _paths(body: Mapping[str, Any], overrides: Mapping[str, object]) -> dict[str, object]:
    """Whole paths, for names that mean a field of what the body is about."""
    data: object = body.get("data")
    inside = next(iter(json_object(data)), "") if isinstance(data, dict) else ""
    start = f"data.{inside}." if inside else ""
    return {name if "__" in name or "." in name else start + name: overrides[name] for name in overrides}


def _read(file: Path) -> dict[str, Any]:
    try:
        body: object = json.loads(file.read_bytes())
    except OSError as error:
        raise UnrecognisedBodyError(file, f"cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise UnrecognisedBodyError(file, f"is not JSON: {error}") from None
    if not isinstance(body, dict):
        raise UnrecognisedBodyError(file, "is not the body of a webhook, which is an object")
    return json_object(body)


def _recognised(file: Path, body: Mapping[str, Any]) -> str:
    try:
        return body_recognition.recognise_resource(body)
    except body_recognition.UnknownBodyError as error:
        raise UnrecognisedBodyError(
            file, f'{error}: say which, with resource="issue" or what the header said'
        ) from None
