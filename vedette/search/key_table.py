"""Lists the keys of searches with their kinds, sources and other spellings.

Taken from Sentry's documentation of searchable issue properties and from what its server accepts. `userCount` and its
spellings, `priority` and the sizes of builds are ours: Sentry's issue search has no key for them.
"""

from collections.abc import Mapping
from typing import Final


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_BY_SOURCE_AND_KIND: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("ISSUE", "CHOICE"): _words("status substatus issue.priority"),
    ("ISSUE", "ACTOR"): _words("assigned team"),
    ("ISSUE", "TEXT"): _words(
        "level project issue issue.category issue.type title platform logger culprit location "
        "issue.seer_actionability detector"
    ),
    ("ISSUE", "MESSAGE"): _words("message"),
    ("ISSUE", "DATE"): _words("firstSeen lastSeen issue.seer_last_run"),
    ("ISSUE", "NUMBER"): _words("timesSeen userCount issue.id project.id"),
    ("ISSUE", "IS"): _words("is"),
    ("ISSUE", "HAS"): _words("has"),
    ("OWNERS", "ACTOR"): _words("assigned_or_suggested"),
    ("ACCOUNT", "ACTOR"): _words("bookmarks subscribed"),
    ("RELEASES", "RELEASE"): _words("first_release regressed_in_release"),
    ("RELEASES", "CHOICE"): _words("release.stage"),
    ("EVENT", "RELEASE"): _words("release"),
    ("EVENT", "VERSION"): _words("release.version"),
    ("EVENT", "BUILD"): _words("release.build"),
    ("EVENT", "DATE"): _words("timestamp event.timestamp error.received"),
    ("EVENT", "DURATION"): _words("transaction.duration"),
    ("EVENT", "NUMBER"): _words("stack.lineno stack.colno stack.stack_level"),
    ("EVENT", "BOOLEAN"): _words("error.handled error.unhandled error.main_thread stack.in_app"),
    ("EVENT", "TEXT"): _words(
        "id event.type dist environment transaction release.package device.class trace trace.span trace.parent_span "
        "error.type error.value error.mechanism "
        "stack.filename stack.module stack.function stack.abs_path stack.package "
        "user user.id user.email user.username user.ip user.name geo.city geo.country_code geo.region geo.subdivision "
        "http.method http.url http.referer http.status_code sdk.name sdk.version unreal.crash_type"
    ),
    ("BUILD", "SIZE"): _words("install_size download_size"),
    ("BUILD", "TEXT"): _words("app_id build_version git_head_ref git_base_ref git_head_sha"),
    ("BUILD", "NUMBER"): _words("build_number git_pr_number"),
}

_BOOLEAN_TAGS: Final = _words(
    "app.in_foreground symbolicated_in_app device.charging device.online device.low_memory device.simulator"
)
_SIZE_TAGS: Final = _words("device.memory_size device.free_memory device.storage_size device.free_storage")

KINDS: Final[Mapping[str, str]] = {
    **{name: kind for (_source, kind), names in _BY_SOURCE_AND_KIND.items() for name in names},
    **dict.fromkeys(_BOOLEAN_TAGS, "BOOLEAN"),
    **dict.fromkeys(_SIZE_TAGS, "SIZE"),
}
"""Name of the kind, by key."""

SOURCES: Final[Mapping[str, str]] = {
    **{name: source for (source, _kind), names in _BY_SOURCE_AND_KIND.items() for name in names},
    # Looked up while a term is evaluated, though no search can name them.
    "for_review": "INBOX",
    "linked": "LINKS",
    "suggested": "OWNERS",
    "me": "ACCOUNT",
    "my_teams": "ACCOUNT",
    "release.latest": "RELEASES",
}
"""Name of the source, by the name that facts are looked up by; tags and flags are of the event."""

ALIASES: Final[Mapping[str, str]] = {
    "age": "firstSeen",
    "first_seen": "firstSeen",
    "last_seen": "lastSeen",
    "times_seen": "timesSeen",
    "first-release": "first_release",
    "firstRelease": "first_release",
    "assigned_to": "assigned",
    "bookmarked_by": "bookmarks",
    "subscribed_by": "subscribed",
    "date": "event.timestamp",
    "type": "event.type",
    "platform.name": "platform",
    "project.name": "project",
    "project_id": "project.id",
    "group.id": "issue.id",
    "priority": "issue.priority",
    "users": "userCount",
    "user_count": "userCount",
    "users_seen": "userCount",
    "geo.country": "geo.country_code",
    "http.status": "http.status_code",
}
"""Other spellings. Sentry knows most of them; `priority` and those of `userCount` are ours."""
