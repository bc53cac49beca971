"""Represents messages to channels as calls, so that they pass the same gate as calls to Sentry.

The operation `notify.send` is in no table of Sentry's API: the chain for Sentry refuses it, and the chain for messages
refuses every other operation.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Final

from vedette.access.issue_cache import CachedIssue
from vedette.access.prepared_call import PreparedCall
from vedette.access.targets import CallTarget
from vedette.api.call import Call
from vedette.api.operations import Operation
from vedette.events import Event
from vedette.notify.message import Message, message_of
from vedette.store.access.proposals import Proposal

CHANNEL: Final = "channel"
SEND_MESSAGE: Final = Operation(
    "notify.send", "POST", "/channels/{channel}", frozenset(), "Send a message to a channel"
)
MESSAGE_OPERATIONS: Final[Mapping[str, Operation]] = {SEND_MESSAGE.name: SEND_MESSAGE}


def call_of_message(channel: str, message: Message) -> Call:
    """Return the call that sends a message to a channel."""
    intent = f"notified {channel}: {message.headline}"
    return Call(SEND_MESSAGE, {CHANNEL: channel}, body=message.to_json(), intent=intent)


def channel_of_call(call: Call) -> str:
    """Return the name of the channel."""
    return call.parameters[CHANNEL]


def message_of_call(call: Call) -> Message:
    """Return the message."""
    return message_of(call.body or {})


def message_id(prepared: PreparedCall) -> str:
    """Return an id that is the same for the same message of a principal about the same delivery."""
    call = prepared.call
    about = [prepared.context.delivery, prepared.principal.key, dict(call.parameters), call.body]
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:32]


def target_of_event(event: Event) -> CallTarget:
    """Return the target of a message on an event, by the signed text of its delivery."""
    slug = event.project.slug or ""
    if event.issue_id is None:
        return CallTarget(projects=frozenset({slug}) if slug else None)
    issue = CachedIssue(event.issue_id, event.short_id or f"issue {event.issue_id}", slug, {})
    return CallTarget((issue,), frozenset({slug}) if slug else None)


def target_of_proposal(proposal: Proposal) -> CallTarget:
    """Return the target of a message that was proposed."""
    issues = tuple(CachedIssue(issue, proposal.label, proposal.project, {}) for issue in proposal.issues)
    return CallTarget(issues, frozenset({proposal.project}) if proposal.project else None)
