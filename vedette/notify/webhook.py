"""Messages for any address that takes JSON, signed where there is a key.

The signature is over the time and the exact bytes, so that a receiver can refuse old or altered messages:
`Vedette-Signature: sha256=HEX` is the HMAC-SHA256 of `TIME.BODY`, TIME being what `Vedette-Timestamp` says (Unix time
in seconds). `Vedette-Message` is the same for repetitions of one message, so that it can be taken once.
"""

import hashlib
import hmac
from typing import Any, Final

from vedette.notify.message import Message, cropped

_TEXT: Final = 20_000
_TITLE: Final = 1_000
TIMESTAMP: Final = "Vedette-Timestamp"
SIGNATURE: Final = "Vedette-Signature"
MESSAGE: Final = "Vedette-Message"


def body_of(message: Message, channel: str) -> dict[str, Any]:
    """Return the JSON that is posted."""
    values = {name: value for name, value in message.to_json().items() if name != "follows"}
    fields = {cropped(name, _TITLE): cropped(value, _TITLE) for name, value in values["fields"].items()}
    cut = {"title": cropped(values["title"], _TITLE), "text": cropped(values["text"], _TEXT), "fields": fields}
    return {"channel": channel, **values, **cut}


def signed(content: bytes, secret: str, now: int) -> dict[str, str]:
    """Return the headers that sign a body.

    Args:
        content: The exact bytes.
        secret: The key.
        now: Unix time in seconds.
    """
    digest = hmac.new(secret.encode(), f"{now}.".encode() + content, hashlib.sha256).hexdigest()
    return {TIMESTAMP: str(now), SIGNATURE: f"sha256={digest}"}
