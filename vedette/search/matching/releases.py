"""Compares semantic versions in names of releases: `ferry-api@4.18.1-rc.2+551`.

Sentry takes a release apart into package, version and build, and can compare the version; names of another form
(commit ids) have no version and match no comparison. Pre-releases are ordered as semver.org says.
"""

import re
from typing import Final, NamedTuple, TypeAlias

from vedette.search.facts.answers import Scalar
from vedette.search.matching.wildcards import text_of
from vedette.search.syntax.operators import COMPARISONS

_RELEASE: Final = re.compile(r"(?:(?P<package>[^@/\\\s]+)@)?(?P<version>[^+@]+)(?:\+(?P<build>.+))?")
_VERSION: Final = re.compile(r"(\d{1,18}(?:\.\d{1,18}){0,3})(?:-([0-9A-Za-z.-]+))?", re.ASCII)
_PREFIX: Final = re.compile(r"(?:(?P<package>[^@/\\\s]+)@)?(?P<numbers>(?:\d{1,18}\.){0,4})\*", re.ASCII)
_PARTS: Final = 4
_LONGEST: Final = 200

Order: TypeAlias = tuple[tuple[int, ...], bool, tuple[tuple[bool, int, str], ...]]


class ReleaseName(NamedTuple):
    """A release's name, taken apart; each part may be None."""

    package: str | None
    version: str | None
    build: str | None


def split_release(name: str) -> ReleaseName:
    """Package, version and build of a release's name; a name that is no version is all None but its package."""
    found = _RELEASE.fullmatch(name)
    if found is None:
        return ReleaseName(None, None, None)
    if order_of(found["version"]) is None:
        return ReleaseName(found["package"], None, None)
    return ReleaseName(found["package"], found["version"], found["build"])


def order_of(version: str) -> Order | None:
    """Return a version as something that can be compared; missing numbers are 0. None when it is no version."""
    found = _VERSION.fullmatch(version)
    if found is None:
        return None
    numbers = [int(part) for part in found[1].split(".")]
    prerelease = tuple(
        # Numbers precede texts, and are compared as numbers.
        (not part.isdecimal(), int(part) if part.isdecimal() else 0, part)
        for part in (found[2] or "")[:_LONGEST].split(".")
    )
    return tuple(numbers + [0] * (_PARTS - len(numbers))), found[2] is None, prerelease if found[2] else ()


class VersionComparison:
    """A comparison of the version of a release with another, and of its package if the search has one."""

    __slots__ = ("_compare", "_order", "_package")

    def __init__(self, spelling: str, package: str | None, order: Order) -> None:
        self._compare = COMPARISONS[spelling]
        self._package = package
        self._order = order

    def matches(self, value: Scalar, /) -> bool:
        """Return whether the value is the name of such a release."""
        release = split_release(text_of(value))
        order = order_of(release.version) if release.version else None
        if order is None or (self._package is not None and self._package != release.package):
            return False
        return self._compare(order, self._order)


class VersionPrefix:
    """A comparison of the first numbers of the version of a release: `4.18.*`."""

    __slots__ = ("_numbers", "_package")

    def __init__(self, package: str | None, numbers: tuple[int, ...]) -> None:
        self._package = package
        self._numbers = numbers

    def matches(self, value: Scalar, /) -> bool:
        """Return whether the value is the name of such a release."""
        release = split_release(text_of(value))
        order = order_of(release.version) if release.version else None
        if order is None or (self._package is not None and self._package != release.package):
            return False
        return order[0][: len(self._numbers)] == self._numbers


def version_test(spelling: str, text: str) -> VersionComparison | VersionPrefix | None:
    """Compare with a version such as `4.18`, `ferry-api@4.18.1-rc.1` or, without an operator, `4.*`.

    Returns:
        None when the text is no version.
    """
    prefix = _PREFIX.fullmatch(text)
    if prefix and spelling == "=":
        return VersionPrefix(prefix["package"], tuple(int(part) for part in prefix["numbers"].split(".")[:-1]))
    package, at, version = text.rpartition("@")
    order = order_of(version.partition("+")[0])
    if order is None or (at and not package):
        return None
    return VersionComparison(spelling, package or None, order)
