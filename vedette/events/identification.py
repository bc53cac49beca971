"""Identifies a delivery by its signed body: resource, subject and deduplication key; quarantines a mismatch.

Only the body is signed: a captured body can be sent again under another resource or `Idempotency-Key`. So the body must
match the resource header, else the delivery is quarantined, and the sender's key is valid within a subject only.
"""

import re
from typing import Literal

import msgspec
import structlog

from vedette.events.catalog import RESOURCES, Resource
from vedette.events.deduplication import deduplication_key_of, identifier, occurrence_of, recurs, subject_of
from vedette.events.identity_fields import extract_identity_fields, extract_issue_names
from vedette.events.partial_decode import DecodedData, DecodedEnvelope, UnreadableBodyError, decode_envelope

RECURRENCE_WINDOW = 900_000
"""The deduplication window of events that can recur, in milliseconds (a quarter of an hour)."""

ResourceTrust = Literal["", "?", "!"]
"""The trust in the resource header: checked against the body; unknown resource (`?`); quarantined (`!`)."""

_NAME = re.compile(r"[!-~]{1,64}", re.ASCII)
_LONGEST_ID = 128
_LONGEST_LABEL = 64
_LONGEST_TITLE = 100


class Identification(msgspec.Struct, frozen=True, gc=False):
    """The properties of a delivery that are read before it is stored."""

    resource: str
    action: str = ""
    subject: str = ""
    issue: str = ""
    key: str = ""
    """The deduplication key, equal for deliveries of the same event; empty when there is none."""
    sent_key: str = ""
    """The sender's `Idempotency-Key`, valid within the subject; empty when either is missing."""
    recurs: bool = False
    """Return whether an equal event can happen again."""
    trust: ResourceTrust = ""
    label: str = ""
    """The issue's short id, where the body has it."""
    title: str = ""
    project: object = None
    """The id of an error's project, as in the body."""
    occurrence: str = ""
    """The event's name and the id of its object; empty where no such delivery can be rebuilt."""
    quarantine: str = ""
    """The reason for quarantine; empty when there is none."""


def identify(resource: str, body: bytes, sent_key: str = "") -> Identification:
    """Identify a delivery; an unreadable body is quarantined and raises nothing.

    Args:
        resource: The value of the (unsigned) resource header, or the name of a source that has no such header.
        body: The raw bytes.
        sent_key: The `Idempotency-Key`, equal in all attempts of the sender; empty from older servers.
    """
    try:
        return _identify(resource, body, sent_key)
    except Exception as error:  # noqa: BLE001 - the boundary to foreign bytes: no signed body may be lost to a parser error
        # The error's text may quote the body, which is never logged.
        structlog.stdlib.get_logger(__name__).warning(
            "body could not be read", bytes=len(body), problem=type(error).__name__
        )
        return _quarantined(resource if _NAME.fullmatch(resource) else "", "unreadable")


def _identify(resource: str, body: bytes, sent_key: str) -> Identification:
    known = RESOURCES.get(resource)
    if known is None and not _NAME.fullmatch(resource):
        return _quarantined("", "resource_malformed" if resource else "resource_missing")
    try:
        envelope = decode_envelope(body)
    except UnreadableBodyError as error:
        return _quarantined(resource, error.reason)
    action: object = envelope.action
    if action is None:
        action = ""
    if not isinstance(action, str) or (action and not _NAME.fullmatch(action)):
        return _quarantined(resource, "action_malformed")
    if known is not None and not _matches_resource(known, envelope):
        return _quarantined(resource, "resource_mismatch", action)
    return _identified(resource, action, envelope, sent_key, "?" if known is None else "")


def _identified(
    resource: str, action: str, envelope: DecodedEnvelope, sent_key: str, trust: ResourceTrust
) -> Identification:
    traits = extract_identity_fields(resource, envelope)
    installation = identifier(envelope.installation.uuid) if envelope.installation else None
    issue = identifier(traits.get("issue_id")) or ""
    if len(issue) > _LONGEST_ID:
        return _quarantined(resource, "issue_id_too_long", action)
    key = deduplication_key_of(resource, action, traits, installation=installation)
    subject = _clean(subject_of(resource, traits, installation=installation))
    label, title = extract_issue_names(envelope)
    return Identification(
        resource=resource,
        action=action,
        subject=subject,
        issue=_clean(issue),
        key=_clean(key),
        # The header is not signed, so its scope is the subject.
        sent_key=sent_key if subject else "",
        recurs=key is None or recurs(resource, action),
        trust=trust,
        project=traits.get("project"),
        occurrence=_clean(occurrence_of(resource, action, traits)),
        label=_clean_text(label, _LONGEST_LABEL),
        title=_clean_text(title, _LONGEST_TITLE),
    )


def _clean_text(value: object, longest: int) -> str:
    return _clean(value[:longest]) if isinstance(value, str) else ""


def _clean(text: str | None) -> str:
    """Replace lone surrogates, which JSON can represent and UTF-8 cannot."""
    if not text or text.isascii():
        return text or ""
    return text.encode("utf-8", "replace").decode()


def _quarantined(resource: str, reason: str, action: str = "") -> Identification:
    # Deduplicated by its bytes alone: any other key could suppress a valid delivery.
    return Identification(resource, action, trust="!", quarantine=reason)


def _matches_resource(resource: Resource, envelope: DecodedEnvelope) -> bool:
    content: DecodedData | DecodedEnvelope | None = envelope.data if resource.enveloped else envelope
    if content is None:
        return False
    for name in resource.objects:
        if getattr(content, name) is None:
            return False
    if not resource.any_of:
        return True
    return any(getattr(content, _ATTRIBUTES.get(name, name)) is not None for name in resource.any_of)


_ATTRIBUTES = {"buildId": "build_id"}
