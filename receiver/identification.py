"""What a body that was let in is about, and whether it may be handled or has to be looked at first.

Only the body is signed: whoever captured one may send it again under another resource. So what the header claims has to
be what the body holds; anything else is kept, but kept apart (quarantined).
"""

import hashlib
import re

import msgspec

from receiver.envelope import Content, Envelope, UnreadableBodyError, read_envelope
from receiver.traits import traits_of
from vedette.events.catalog import RESOURCES, Resource
from vedette.events.identity import deduplication_key_of, identifier, is_bucketed, subject_of

BUCKET = 900_000
"""How long a key that may come again with a new meaning is held, in milliseconds (a quarter of an hour)."""

_NAME = re.compile(r"[!-~]{1,64}", re.ASCII)
_LONGEST_ID = 128


class Identification(msgspec.Struct, frozen=True, gc=False):
    """What is known of a delivery before anybody works on it."""

    resource: str
    action: str = ""
    subject: str = ""
    issue: str = ""
    key: str = ""
    """What a repetition would have too; empty when it cannot be told."""
    bucketed: bool = False
    """Whether the key is held for a quarter of an hour only."""
    project: object = None
    """The id of the project an error happened in, as the body says it."""
    quarantine: str = ""
    """Why it may not be handled; empty when it may."""


def identify(resource: str, body: bytes, sent_key: str = "") -> Identification:
    """Read as much of `body` as is needed; never fails.

    Args:
        resource: What the (unsigned) header says, or our name for a source that has no such header.
        body: The raw bytes.
        sent_key: What the sender calls this delivery in all its attempts (`Idempotency-Key`); empty on older servers.
    """
    known = RESOURCES.get(resource)
    if known is None and not _NAME.fullmatch(resource):
        return _quarantined("", body, "resource_malformed" if resource else "resource_missing")
    try:
        envelope = read_envelope(body)
    except UnreadableBodyError as error:
        return _quarantined(resource, body, error.reason)
    action: object = envelope.action
    if action is None:
        action = ""
    if not isinstance(action, str) or (action and not _NAME.fullmatch(action)):
        return _quarantined(resource, body, "action_malformed")
    if known is not None and not _keeps_promise(known, envelope):
        return _quarantined(resource, body, "resource_mismatch", action)
    return _identified(resource, action, envelope, sent_key)


def _identified(resource: str, action: str, envelope: Envelope, sent_key: str) -> Identification:
    traits = traits_of(resource, envelope)
    installation = identifier(envelope.installation.uuid) if envelope.installation else None
    issue = identifier(traits.get("issue_id")) or ""
    if sent_key:
        key: str | None = f"{resource}.{action}:sent:{sent_key}"
    else:
        key = deduplication_key_of(resource, action, traits, installation=installation)
    return Identification(
        resource=resource,
        action=action,
        subject=_clean(subject_of(resource, traits, installation=installation)),
        issue=_clean(issue) if len(issue) <= _LONGEST_ID else "",
        key=_clean(key),
        bucketed=not sent_key and is_bucketed(resource, action),
        project=traits.get("project"),
    )


def _clean(text: str | None) -> str:
    """Take out halves of surrogate pairs, which JSON can hold and UTF-8 cannot."""
    if not text or text.isascii():
        return text or ""
    return text.encode("utf-8", "replace").decode()


def _quarantined(resource: str, body: bytes, reason: str, action: str = "") -> Identification:
    # Known again by its bytes, and by nothing that a real delivery could have: it must never shadow one.
    digest = hashlib.sha256(body).hexdigest()[:32]
    return Identification(resource, action, key=f"quarantined:{resource}:{digest}", quarantine=reason)


def _keeps_promise(resource: Resource, envelope: Envelope) -> bool:
    content: Content | Envelope | None = envelope.data if resource.enveloped else envelope
    if content is None:
        return False
    for name in resource.objects:
        if getattr(content, name) is None:
            return False
    if not resource.any_of:
        return True
    return any(getattr(content, _ATTRIBUTES.get(name, name)) is not None for name in resource.any_of)


_ATTRIBUTES = {"buildId": "build_id"}
