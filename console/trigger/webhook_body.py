"""Makes the body of a webhook: a sample, a file or an earlier delivery, with values of one's own."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from console.exit_codes import WRONG_USAGE
from vedette._core.json_values import json_object
from vedette._core.user_error import UserError
from vedette.admin.lookup.issue_identity import IssueIdentity
from vedette.events import samples
from vedette.events.body_recognition import UnknownBodyError, recognise_resource
from vedette.events.identity_paths import PATHS, value_at

_SUBJECTS: Final = ("issue", "error", "event", "metric_alert")
"""Keys of the objects that bodies are about, before those that accompany them."""
_EVENT_IDS: Final = {"service_hook": "eventID", "legacy_webhook": "event_id"}


class NoWebhookBodyError(UserError):
    """A file without the body of a webhook."""

    exit_code = WRONG_USAGE

    def __init__(self, source: str, problem: str) -> None:
        self.source = source
        super().__init__(f"{source} {problem}")


class UnusableValueError(UserError):
    """An assignment of `--set` that cannot be made."""

    exit_code = WRONG_USAGE

    def __init__(self, written: str, problem: str) -> None:
        self.written = written
        super().__init__(f"--set {written}: {problem}")


@dataclass(frozen=True)
class WebhookBody:
    """The body of a webhook, free to be changed."""

    name: str
    """How messages call it: a sample, a file, a delivery."""
    resource: str
    payload: dict[str, Any]


def body_of_sample(name: str) -> WebhookBody:
    """Return a sample.

    Raises:
        UnknownSampleError: There is no such sample.
    """
    return WebhookBody(name, samples.resource_of(name), samples.load(name))


def body_of_file(file: Path, resource: str = "") -> WebhookBody:
    """Return the body in a file.

    Args:
        file: The file, in JSON.
        resource: The header `Sentry-Hook-Resource`; recognised unless given.

    Raises:
        NoWebhookBodyError: The file holds no body, or one of an unknown kind.
    """
    try:
        text = file.read_bytes()
    except OSError as error:
        raise NoWebhookBodyError(str(file), f"cannot be read: {error.strerror}") from None
    return body_of_bytes(str(file), text, resource)


def body_of_bytes(source: str, text: bytes, resource: str = "") -> WebhookBody:
    """Return a body from its bytes.

    Raises:
        NoWebhookBodyError: They are no body, or one of an unknown kind.
    """
    try:
        payload: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NoWebhookBodyError(source, f"is not JSON: {error}") from None
    if not isinstance(payload, dict):
        raise NoWebhookBodyError(source, "is not the body of a webhook, which is an object")
    body = json_object(payload)
    try:
        return WebhookBody(source, resource or recognise_resource(body), body)
    except UnknownBodyError as error:
        raise NoWebhookBodyError(source, f"{error}: say which with the event, such as issue.created") from None


def assign(body: WebhookBody, assignments: Sequence[str]) -> None:
    """Replace values; `level=fatal` is short for `data.issue.level=fatal` in the body of an issue.

    Raises:
        UnusableValueError: A path does not exist in the body, or a value does not fit it.
    """
    for written in assignments:
        path, separator, value = written.partition("=")
        if not separator or not path:
            raise UnusableValueError(written, "write PATH=VALUE, such as data.issue.level=fatal")
        full = _full_path(body.payload, path)
        try:
            samples.override(body.payload, body.name, {full: _read(written, value, value_at(body.payload, full))})
        except samples.SamplePathError as error:
            near = f": did you mean {' or '.join(error.near)}?" if error.near else ""
            raise UnusableValueError(written, f"{body.name} has nothing at {full}{near}") from None


def name_issue(body: WebhookBody, issue: IssueIdentity) -> None:
    """Let a body be about an issue: its id, short id, title and project, as far as the body has them."""
    known = value_at(body.payload, "data.issue")
    paths = {
        PATHS.get(body.resource, {}).get("issue_id", ""): issue.id,
        "data.issue.id": issue.id,
        "data.issue.shortId": issue.short_id,
        "data.issue.title": issue.title,
        "data.issue.project.slug": issue.project,
        "data.project_slug": issue.project,
    }
    for path, value in paths.items():
        before = value_at(body.payload, path) if path else None
        if before is not None and value:
            is_number = isinstance(before, int) and value.isdecimal()
            samples.override(body.payload, body.name, {path: int(value) if is_number else value})
    if isinstance(known, dict):
        _rename_links(json_object(known), issue)


def wire(body: WebhookBody) -> bytes:
    """Return the bytes to send: no receiver has met them, since a body that is sent twice is meant twice."""
    payload = body.payload
    installation, event = payload.get("installation"), payload.get("event")
    if isinstance(installation, dict):
        # Part of what a delivery is recognised by, and looked at by no handler.
        installation["uuid"] = str(uuid.uuid4())
    elif isinstance(event, dict) and body.resource in _EVENT_IDS:
        event[_EVENT_IDS[body.resource]] = uuid.uuid4().hex
    return samples.wire(payload)


def _full_path(payload: Mapping[str, Any], path: str) -> str:
    """Return a path from the top of the body; one of a single key is of what the body is about."""
    data = payload.get("data")
    if "." in path or path in payload or not isinstance(data, dict):
        return path
    objects = [key for key, value in json_object(data).items() if isinstance(value, dict)]
    inside = next((key for key in (*_SUBJECTS, *objects) if key in objects), "")
    return f"data.{inside}.{path}" if inside and path not in data else f"data.{path}"


def _read(written: str, text: str, before: object) -> object:
    """Return a value of the kind that the body has there; a text stays a text."""
    if isinstance(before, str):
        return text
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        value = text
    if isinstance(before, bool) and not isinstance(value, bool):
        raise UnusableValueError(written, "it is true or false there")
    if isinstance(before, int | float) and not isinstance(before, bool) and not isinstance(value, int | float):
        raise UnusableValueError(written, "it is a number there")
    return value


def _rename_links(issue: dict[str, Any], identity: IssueIdentity) -> None:
    for key, value in list(issue.items()):
        if isinstance(value, str) and "/issues/" in value:
            before, _, rest = value.partition("/issues/")
            _, slash, tail = rest.partition("/")
            issue[key] = f"{before}/issues/{identity.id}{slash}{tail}"
