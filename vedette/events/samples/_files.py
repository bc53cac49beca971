"""The sample files, which ship inside the package."""

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from vedette.events.samples._errors import UnknownSampleError

_SUFFIX = ".json"


def names() -> list[str]:
    """Names of all samples, sorted."""
    found = (entry.name for entry in files(__package__ or __name__).iterdir())
    return sorted(name.removesuffix(_SUFFIX) for name in found if name.endswith(_SUFFIX))


def load(name: str) -> dict[str, Any]:
    """Return a fresh copy of a sample, free to be changed.

    Raises:
        UnknownSampleError: there is none of this name.
    """
    known = names()
    if name not in known:
        raise UnknownSampleError(name, known)
    text = files(__package__ or __name__).joinpath(name + _SUFFIX).read_text(encoding="utf-8")
    payload: dict[str, Any] = json.loads(text)
    return payload


def resource_of(name: str) -> str:
    """Return the resource to `parse` a sample as: `issue` for `issue.resolved.with_commit`."""
    return name.partition(".")[0]


def wire(payload: Mapping[str, object]) -> bytes:
    """Return the bytes Sentry would send: ASCII, without spaces. Signatures are made over exactly these.

    Raises:
        ValueError: the payload holds NaN or an infinity, which Sentry never sends.
    """
    return json.dumps(dict(payload), separators=(",", ":"), allow_nan=False).encode("ascii")
