"""Reads from a signed body what a delivery is about and when it is a repetition; quarantines what is not as claimed.

Only the body is signed: whoever captured one may send it again under another resource or `Idempotency-Key`. So what the
resource header claims has to be what the body holds, else the delivery is quarantined; and the sender's key counts
together with the subject alone.
"""

import re
from typing import Literal

import msgspec
import structlog

from receiver.ingest.identity_fields import names_of_issue, traits_of
from receiver.ingest.partial_decode import DecodedData, DecodedEnvelope, UnreadableBodyError, read_envelope
from vedette.events.catalog import RESOURCES, Resource
from vedette.events.deduplication import deduplication_key_of, identifier, recurs, subject_of

BUCKET = 900_000
"""How long a delivery that may recur in earnest is recognised, in milliseconds (a quarter of an hour)."""

Rank = Literal["", "?", "!"]
"""How well a resource is known to be a body's own: known and kept; unknown; quarantined."""

_NAME = re.compile(r"[!-~]{1,64}", re.ASCII)
_LONGEST_ID = 128
_LONGEST_LABEL = 64
_LONGEST_TITLE = 100


class Identification(msgspec.Struct, frozen=True, gc=False):
    """What is known of a delivery before anybody works on it."""

    resource: str
    action: str = ""
    subject: str = ""
    issue: str = ""
    key: str = ""
    """What a delivery of the same meaning would have too; empty when that cannot be told."""
    sent_key: str = ""
    """The sender's own key, which counts together with the subject; empty without either."""
    recurs: bool = False
    """Whether the same may happen again in earnest."""
    rank: Rank = ""
    label: str = ""
    """How people call the issue, where the body says it."""
    title: str = ""
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
    try:
        return _identify(resource, body, sent_key)
    except Exception as error:  # noqa: BLE001 - the boundary to foreign bytes: what is signed is never lost for what it holds
        # Its text might quote the body, which is never logged.
        structlog.stdlib.get_logger(__name__).warning(
            "body could not be read", bytes=len(body), problem=type(error).__name__
        )
        return _quarantined(resource if _NAME.fullmatch(resource) else "", "unreadable")


def _identify(resource: str, body: bytes, sent_key: str) -> Identification:
    known = RESOURCES.get(resource)
    if known is None and not _NAME.fullmatch(resource):
        return _quarantined("", "resource_malformed" if resource else "resource_missing")
    try:
        envelope = read_envelope(body)
    except UnreadableBodyError as error:
        return _quarantined(resource, error.reason)
    action: object = envelope.action
    if action is None:
        action = ""
    if not isinstance(action, str) or (action and not _NAME.fullmatch(action)):
        return _quarantined(resource, "action_malformed")
    if known is not None and not _keeps_promise(known, envelope):
        return _quarantined(resource, "resource_mismatch", action)
    return _identified(resource, action, envelope, sent_key, "?" if known is None else "")


def _identified(resource: str, action: str, envelope: DecodedEnvelope, sent_key: str, rank: Rank) -> Identification:
    traits = traits_of(resource, envelope)
    installation = identifier(envelope.installation.uuid) if envelope.installation else None
    issue = identifier(traits.get("issue_id")) or ""
    if len(issue) > _LONGEST_ID:
        return _quarantined(resource, "issue_id_too_long", action)
    key = deduplication_key_of(resource, action, traits, installation=installation)
    subject = _clean(subject_of(resource, traits, installation=installation))
    label, title = names_of_issue(envelope)
    return Identification(
        resource=resource,
        action=action,
        subject=subject,
        issue=_clean(issue),
        key=_clean(key),
        # The header is not signed, so it must never reach beyond its own subject.
        sent_key=sent_key if subject else "",
        recurs=key is None or recurs(resource, action),
        rank=rank,
        project=traits.get("project"),
        label=_name(label, _LONGEST_LABEL),
        title=_name(title, _LONGEST_TITLE),
    )


def _name(value: object, longest: int) -> str:
    return _clean(value[:longest]) if isinstance(value, str) else ""


def _clean(text: str | None) -> str:
    """Take out halves of surrogate pairs, which JSON can hold and UTF-8 cannot."""
    if not text or text.isascii():
        return text or ""
    return text.encode("utf-8", "replace").decode()


def _quarantined(resource: str, reason: str, action: str = "") -> Identification:
    # Known again by its bytes, and by nothing that a real delivery could have: it must never shadow one.
    return Identification(resource, action, rank="!", quarantine=reason)


def _keeps_promise(resource: Resource, envelope: DecodedEnvelope) -> bool:
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
