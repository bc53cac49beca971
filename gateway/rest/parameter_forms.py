r"""Defines the forms of the values in paths.

Sentry has more endpoints than the table: a value that is a word of one of them, such as `stats` in the place of a
release, would address that endpoint. Therefore each value must have the form that Sentry's documentation gives it
(`^(?![0-9]+$)[a-z0-9_\-]+$` for slugs, digits for ids, 32 hexadecimal digits for events).
"""

import re
from typing import Final

_LONGEST: Final = 250
"""Characters; a release's version, the longest of Sentry's names, has 250 at most."""
_HEXADECIMAL: Final = r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}"
"""32 digits, or a UUID with its hyphens."""
_SLUG: Final = re.compile(r"[a-z0-9_\-.]{1,100}")
_FORMS: Final = {
    "issue_id": re.compile(r"[0-9]{1,20}|[A-Za-z0-9_][A-Za-z0-9_\-]*-[A-Za-z0-9]{1,20}"),
    "event_id": re.compile(rf"{_HEXADECIMAL}|latest|oldest|recommended"),
    "member_id": re.compile(r"[0-9]{1,20}|me"),
    "uuid": re.compile(_HEXADECIMAL),
}
_ANY_ID: Final = re.compile(rf"[0-9]{{1,20}}|{_HEXADECIMAL}")
"""The form of all other parameters, which are ids."""
_NAMES: Final = frozenset({"version", "key"})
"""Parameters that are names which people chose, of any letters."""
_TERMS_OF_SENTRY: Final = {
    "version": frozenset({"stats", "thresholds", "threshold-statuses", "latest", "completion"}),
    "key": frozenset[str](),
}
"""Terms that Sentry's own paths have in the place of such a name."""


def is_wellformed(parameter: str, value: str) -> bool:
    """Return whether a value can be meant by a parameter of a path."""
    if parameter in _NAMES:
        return len(value) <= _LONGEST and value not in _TERMS_OF_SENTRY[parameter]
    form = _SLUG if parameter.endswith("_or_slug") else _FORMS.get(parameter, _ANY_ID)
    return form.fullmatch(value) is not None
