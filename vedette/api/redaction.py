"""Replaces classes of event data in Sentry's answers, for programs that may read events and not, say, their users.

A class names data by where Sentry's API shows it: the user of an event is in its field `user`, in its tags `user` and
`user.*`, in the values of these tags, in the list of a project's users and in columns of event queries. Searching by
a hidden value is not prevented, so that a program can still test a value that it knows.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from vedette._core.json_values import json_list, json_object

HiddenData = Literal[
    "user",
    "request",
    "request.headers",
    "request.cookies",
    "request.data",
    "request.query",
    "request.env",
    "contexts",
    "extra",
    "vars",
    "breadcrumbs",
    "breadcrumbs.data",
]
"""A class of event data that an operator can hide."""
HIDDEN_DATA: Final[tuple[HiddenData, ...]] = get_args(HiddenData)
HIDDEN: Final = "[hidden by Vedette]"
"""The text in the place of hidden data."""

_EVENTS: Final = frozenset({"issues.hashes", "issues.by_event_id"})
"""Operations outside the group `events` with answers that contain events."""
_GROUPS: Final = frozenset({"events", "traces", "trace", "replays"})
_USER_FIELDS: Final = frozenset(
    {
        "email",
        "username",
        "ipAddress",
        "ip_address",
        "name",
        "identifier",
        "hash",
        "avatarUrl",
        "value",
        "query",
        "user",
    }
)
"""The fields that identify a person in lists of users, of user reports and of values of the tag `user`."""
_USERS: Final = frozenset({"projects.users", "issues.user_reports"})
_TAGS: Final = frozenset({"issues.tags", "issues.tag", "issues.tag_values"})
_COOKIE_HEADERS: Final = frozenset({"cookie", "set-cookie"})
_OF_USER: Final = re.compile(r"(?:tags\[)?(?:sentry:)?user(?:[.\]:].*)?", re.DOTALL)
_KEYS: Final[Mapping[str, HiddenData]] = {
    "user": "user",
    "userReport": "user",
    "contexts": "contexts",
    "vars": "vars",
}
"""Keys at any depth of an event, and the class of their values."""


@dataclass(frozen=True, slots=True)
class Redaction:
    """An answer without the hidden data."""

    body: Any = field(repr=False)
    hidden: int
    """Number of values that were replaced."""


def can_redact(operation: str, hide: Collection[str]) -> bool:
    """Return whether the answers to an operation can contain hidden data, so that they have to be decoded."""
    if not hide:
        return False
    return _has_events(operation) or ("user" in hide and operation in _USERS | _TAGS)


def redact(operation: str, parameters: Mapping[str, str], body: Any, hide: Collection[str]) -> Redaction:
    """Return the answer with `HIDDEN` in place of data of the hidden classes.

    Args:
        operation: The name of the operation that was answered.
        parameters: The parameters of its path.
        body: The decoded JSON of the answer; it is not changed.
        hide: The classes.
    """
    if not can_redact(operation, hide):
        return Redaction(body, 0)
    redactor = _Redactor(frozenset(hide))
    if operation in _TAGS:
        redacted = redactor.tags(body, parameters.get("key", ""))
    elif operation in _USERS:
        redacted = redactor.people(body)
    else:
        redacted = redactor.event(body)
    return Redaction(redacted, redactor.hidden)


def _has_events(operation: str) -> bool:
    return operation in _EVENTS or operation.partition(".")[0] in _GROUPS


def _is_of_user(name: object) -> bool:
    """Return whether a tag or a column is about the user."""
    return isinstance(name, str) and _OF_USER.fullmatch(name) is not None


@dataclass(slots=True)
class _Redactor:
    """A walk through one answer that counts the values it replaces."""

    hide: frozenset[str]
    hidden: int = 0

    def hidden_value(self, value: Any) -> Any:
        """Return the replacement for a value, of the same JSON type where programs expect one; an empty value stays."""
        if value is None or value in ("", [], {}):
            return value
        self.hidden += 1
        if isinstance(value, str):
            return HIDDEN
        if isinstance(value, dict):
            return {"hidden": HIDDEN}
        return [] if isinstance(value, list) else None

    def event(self, value: Any) -> Any:
        """Redact an event, or anything that contains events."""
        if isinstance(value, list):
            return [self.event(each) for each in json_list(value)]
        if not isinstance(value, dict):
            return value
        fields = json_object(value)
        redact_entry = _ENTRIES.get(str(fields.get("type")))
        if redact_entry is not None and "data" in fields:
            return {**fields, "data": redact_entry(self, fields["data"])}
        if _is_of_user(fields.get("key")) and "user" in self.hide and "value" in fields:
            return {**fields, "value": self.hidden_value(fields["value"])}
        return {name: self._field(name, each) for name, each in fields.items()}

    def _field(self, name: str, value: Any) -> Any:
        is_extra = name == "context" and isinstance(value, dict)  # the context of a frame is a list of source lines
        if (
            _KEYS.get(name) in self.hide
            or ("extra" in self.hide and is_extra)
            or ("user" in self.hide and _is_of_user(name))
        ):
            return self.hidden_value(value)
        # Annotations of the server repeat values, and lengths of values, that were scrubbed.
        return self.hidden_value(value) if name == "_meta" else self.event(value)

    def request(self, value: Any) -> Any:
        """Redact the request of an event, as its entry holds it."""
        if "request" in self.hide:
            return self.hidden_value(value)
        fields = {
            name: self.hidden_value(each) if f"request.{name}" in self.hide else each
            for name, each in json_object(value).items()
        }
        if "request.query" in self.hide and isinstance(fields.get("url"), str):
            fields["url"] = str(fields["url"]).partition("?")[0]
        if "request.cookies" in self.hide and isinstance(fields.get("headers"), list):
            fields["headers"] = [self._header(each) for each in json_list(fields["headers"])]
        return fields

    def _header(self, pair: Any) -> Any:
        parts = json_list(pair)
        is_cookie = len(parts) > 1 and str(parts[0]).lower() in _COOKIE_HEADERS
        return [parts[0], self.hidden_value(parts[1])] if is_cookie else pair

    def breadcrumbs(self, value: Any) -> Any:
        """Redact the breadcrumbs of an event."""
        if "breadcrumbs" in self.hide:
            return self.hidden_value(value)
        if "breadcrumbs.data" not in self.hide:
            return value
        crumbs = [json_object(each) for each in json_list(json_object(value).get("values"))]
        return {
            **json_object(value),
            "values": [{**each, "data": self.hidden_value(each.get("data"))} for each in crumbs],
        }

    def tags(self, value: Any, key: str) -> Any:
        """Redact tags with their values, or the values of one tag."""
        if _is_of_user(key):
            return self.people(value)
        if isinstance(value, list):
            return [self.tags(each, str(json_object(each).get("key", ""))) for each in json_list(value)]
        return value

    def people(self, value: Any) -> Any:
        """Redact objects that describe persons."""
        if isinstance(value, list):
            return [self.people(each) for each in json_list(value)]
        if not isinstance(value, dict):
            return value
        return {
            name: self.hidden_value(each) if name in _USER_FIELDS and not isinstance(each, list) else self.people(each)
            for name, each in json_object(value).items()
        }


_ENTRIES: Final[Mapping[str, Callable[[_Redactor, Any], Any]]] = {
    "request": _Redactor.request,
    "breadcrumbs": _Redactor.breadcrumbs,
}
"""Entries of an event that have rules of their own, by their type."""
