"""The record of an accepted delivery, packed into one value: each field of a hash costs time and memory.

A delivery's hash holds them as `facts`. A field of its own beside it wins: it was written later, or is one that scripts
read.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

State = Literal["accepted", "quarantined"]
Source = Literal["webhook", "service_hook", "legacy", "schedule", "reconcile"]
"""The delivery source; `schedule` and `reconcile` are our own."""
Rebuilt = Literal["", "recent", "late", "superseded", "own"]
"""Whether a delivery was rebuilt from Sentry's history: empty for none; `recent`; `late`, which is older than
`reconcile.max_age`; `superseded`, of which the effect was undone or replaced; `own`, which a write of ours caused."""


class StoredRecord(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The record of one delivery.

    The order of the fields is the format of the spool, of `accept.lua` and of what is stored: add new ones at the end,
    with a default. Text only, since the decoder that scripts have knows no bytes.
    """

    id: str
    key: str
    """What a delivery of the same meaning would come with, however it is serialised; empty when that cannot be told."""
    window: int
    """How long `key` is recognised, in milliseconds."""
    integration: str
    source: Source
    resource: str
    action: str
    subject: str
    issue: str
    accepted: int
    """Unix time in milliseconds."""
    sent: str
    """Sentry's own stamp in seconds, unsigned, as it came; empty when there was none."""
    request_id: str
    headers: str
    """The headers that may be kept, as a JSON object."""
    size: int
    """Bytes of the body as it came."""
    encoding: Literal["", "zstd"]
    state: State
    reason: str
    """Why it is quarantined; empty when it is not."""
    secret: str
    """Which secret matched: its place in the setting, or `path`."""
    tenant: str = ""
    """The tenant of the subject and the issue: see `vedette.settings.tenant`."""
    sent_key: str = ""
    """The sender's own key for all attempts, which counts together with the subject; empty when it sent none."""
    sent_window: int = 0
    """How long `sent_key` is recognised, in milliseconds."""
    body_key: str = ""
    """Half of the body's proof; its last character is `?` under an unknown resource, `!` in quarantine."""
    recurs: bool = False
    """Return whether the same may happen again, so that an equal body is a repetition within `window` only."""
    label: str = ""
    """How people call the issue, such as `SHOP-4K`, where the payload says it."""
    title: str = ""
    """The issue's or event's title, cropped, where the payload has one."""
    occurrence: str = ""
    """The event's name and the id of its object, such as `issue.resolved 42`; empty where none can be rebuilt."""
    happened: int = 0
    """When it happened, Unix time in milliseconds; only of a rebuilt delivery."""
    rebuilt: Rebuilt = ""
    edition: int = 2
    """The edition of this record (`vedette.store.server.edition`)."""


RECORDED_HEADERS = ("sentry-hook-timestamp", "request-id", "sentry-hook-resource")
"""Headers that are stored as the fields `sent`, `request_id` and `resource`, and beside them only where they differ."""
encode_facts = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(StoredRecord).decode
_PACKED = "facts"


def fields_of(record: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the fields of a delivery's hash with its facts unpacked among them, all as Redis would hold them."""
    fields = dict(record)
    packed = fields.pop(_PACKED, None)
    if packed is None:
        return fields
    known = msgspec.structs.asdict(_decode(packed))
    return {name: str(value).encode() for name, value in known.items()} | fields
