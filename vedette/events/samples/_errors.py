"""Defines the errors for unknown names, with similar ones."""

from collections.abc import Iterable
from difflib import get_close_matches


def _nearest(wanted: str, existing: Iterable[str]) -> list[str]:
    candidates = list(existing)
    by_full_name = get_close_matches(wanted, candidates, n=3, cutoff=0.6)
    # An author who forgot the path still wrote the last key.
    last = wanted.rsplit(".", 1)[-1].lower()
    by_last_key = [name for name in candidates if name.rsplit(".", 1)[-1].lower() == last]
    return list(dict.fromkeys(by_full_name + by_last_key))[:5]


def _meant(near: list[str]) -> str:
    return f"; did you mean {', '.join(near)}?" if near else ""


class UnknownSampleError(LookupError):
    """There is no sample of this name.

    Attributes:
        name: the name that was asked for.
        near: existing names that look like it.
    """

    def __init__(self, name: str, existing: Iterable[str]) -> None:
        self.name = name
        self.near = _nearest(name, existing)
        super().__init__(name)

    def __str__(self) -> str:
        return f"no sample is called {self.name!r}{_meant(self.near)}"


class SamplePathError(LookupError):
    """An override names a place that the sample does not have.

    Attributes:
        sample: the sample's name.
        path: the path, dotted.
        near: existing paths that look like it.
    """

    def __init__(self, sample: str, path: str, existing: Iterable[str]) -> None:
        self.sample = sample
        self.path = path
        self.near = _nearest(path, existing)
        super().__init__(sample, path)

    def __str__(self) -> str:
        hint = _meant(self.near) or "; paths start at the top of the payload, such as data__issue__title"
        return f"sample {self.sample!r} has nothing at {self.path!r}{hint}"
