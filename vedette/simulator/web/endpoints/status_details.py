"""The `statusDetails` of an update: in what an issue is resolved, and what ends its archive."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from vedette._core.json_values import json_object
from vedette.simulator.web.call import ApiCall, ApiError, invalid
from vedette.simulator.world.id_parsing import as_id
from vedette.simulator.world.issues import Resolution, Snooze

if TYPE_CHECKING:
    from vedette.simulator.world.projects import Project

SNOOZES = ("ignoreDuration", "ignoreCount", "ignoreWindow", "ignoreUserCount", "ignoreUserWindow")


MAX_WINDOW = 10080
# What a column of the database holds; a date that far away still exists.
MAX_INTEGER = 2**31 - 1


def read_resolution(
    call: ApiCall, body: dict[str, Any], details: dict[str, Any], projects: list[Project]
) -> Resolution:
    """Return in what the issues shall be resolved.

    Raises:
        ApiError: 400 on `statusDetails`, or as a `detail` when a release is meant for several projects.
    """
    keys = [key for key in ("inNextRelease", "inRelease", "inCommit") if key in details]
    if body.get("status") == "resolvedInNextRelease":
        keys = ["inNextRelease"]
    if not keys:
        return Resolution()
    if len(projects) > 1:
        raise ApiError(400, {"detail": "Cannot set resolved for multiple projects."})
    project = projects[0]
    match keys[0]:
        case "inNextRelease":
            return _in_next_release(call, project)
        case "inRelease":
            return _in_release(call, project, details["inRelease"])
        case _:
            return _in_commit(call, details["inCommit"])


def _in_next_release(call: ApiCall, project: Project) -> Resolution:
    """Resolve in the next release. The value is never looked at: `false` does it as well."""
    if all(project not in release.projects for release in call.world.releases.values()):
        sentence = "No release data present in the system to form a basis for 'Next Release'"
        raise invalid(statusDetails={"inNextRelease": [sentence]})
    return Resolution("in_next_release")


def _in_release(call: ApiCall, project: Project, version: Any) -> Resolution:
    known = [release for release in call.world.releases.values() if project in release.projects]
    if version == "latest":
        if not known:
            sentence = "No release data present in the system to form a basis for 'Latest Release'"
            raise invalid(statusDetails={"inRelease": [sentence]})
        return Resolution("in_release", release=max(known, key=lambda release: release.created))
    release = call.world.releases.get(str(version))
    if release not in known:
        raise invalid(statusDetails={"inRelease": ["Unable to find a release with the given version."]})
    return Resolution("in_release", release=release)


def _in_commit(call: ApiCall, value: Any) -> Resolution:
    given = json_object(value)
    missing = {key: ["This field is required."] for key in ("commit", "repository") if not given.get(key)}
    if missing:
        raise invalid(statusDetails={"inCommit": missing})
    repository = next((r for r in call.world.repositories.values() if r.name == given["repository"]), None)
    if repository is None:
        raise invalid(statusDetails={"inCommit": {"repository": ["Unable to find the given repository."]}})
    commit = next((c for c in repository.commits if c.id == given["commit"]), None)
    if commit is None:
        raise invalid(statusDetails={"inCommit": {"commit": ["Unable to find the given commit."]}})
    # A commit that is in a release already is stored as resolved in that release.
    for release in call.world.releases.values():
        if any(c.id == commit.id for c in release.commits):
            return Resolution("in_release", release=release, commit=commit.id)
    return Resolution("in_commit", commit=commit.id)


def read_snooze(call: ApiCall, values: dict[str, Any], *, nested: bool) -> Snooze | None:
    """Return the condition that ends an archive, or None. `nested` says whether errors name the parent field.

    Raises:
        ApiError: 400 on the number.
    """
    numbers = {name: _number(values, name, nested=nested) for name in SNOOZES}
    if not nested and not numbers["ignoreDuration"]:
        numbers["ignoreDuration"] = _number(values, "snoozeDuration", nested=False)
    # Zero counts as not set.
    if not any(numbers.values()):
        return None
    minutes = numbers["ignoreDuration"]
    return Snooze(
        until=call.world.clock() + timedelta(minutes=minutes) if minutes else None,
        count=numbers["ignoreCount"] or None,
        window=numbers["ignoreWindow"] or None,
        user_count=numbers["ignoreUserCount"] or None,
        user_window=numbers["ignoreUserWindow"] or None,
    )


def _number(values: dict[str, Any], name: str, *, nested: bool) -> int:
    value = values.get(name)
    message = ""
    if value is None:
        return 0
    number = value if isinstance(value, int) and not isinstance(value, bool) else as_id(str(value))
    if number is None:
        message = "A valid integer is required."
    elif number < 0:
        message = "Ensure this value is greater than or equal to 0."
    elif name.endswith("Window") and number > MAX_WINDOW:
        message = f"Ensure this value is less than or equal to {MAX_WINDOW}."
    elif number > MAX_INTEGER:
        message = f"Ensure this value is less than or equal to {MAX_INTEGER}."
    if message or number is None:
        raise invalid(**({"statusDetails": {name: [message]}} if nested else {name: message}))
    return number
