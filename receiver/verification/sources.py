"""The three ways a delivery comes in, and what each of them demands before its body is believed.

| entrance | proof | header |
|---|---|---|
| an integration's webhook | HMAC with the client secret | `Sentry-Hook-Signature` |
| a service hook | HMAC with the hook's own secret | `X-ServiceHook-Signature` |
| a legacy project webhook | the secret path; Sentry signs nothing | - |

No entrance takes another's header: a signature over an empty body, as UI components have, must not open the webhook
route.
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from receiver.verification.headers import (
    RESOURCE,
    SERVICE_HOOK_SIGNATURE,
    SERVICE_HOOK_TIMESTAMP,
    SIGNATURE,
    TIMESTAMP,
    text_of,
)
from receiver.verification.signatures import Keyring
from vedette.store.deliveries.stored_record import Source

if TYPE_CHECKING:
    from starlette.types import Scope

Headers = Mapping[bytes, bytes]
_LONGEST_STAMP = 20
_PATH = "path"
"""The name of a secret path, of which an integration has one at most."""


class DeliverySource(Protocol):
    """One way in."""

    source: Source

    def is_there(self, integration: str, scope: "Scope") -> bool:
        """Return whether this path exists, before anything is read."""
        ...

    def may_knock(self, headers: Headers) -> bool:
        """Return whether it is worth reading the body."""
        ...

    def match(self, integration: str, headers: Headers, body: bytes) -> str | None:
        """Return the name of the secret that proves the sender, or None."""
        ...

    def proof(self, headers: Headers, body: bytes) -> bytes:
        """Return 64 hexadecimal digits for the body of a proven sender: equal for equal bodies, and for no others."""
        ...

    def resource(self, headers: Headers) -> str:
        """Return what the delivery claims to be."""
        ...

    def sent(self, headers: Headers) -> str:
        """Return the sender's stamp in seconds, as it came; empty when there is none."""
        ...


class _SignedEntrance:
    """What signed entrances have in common."""

    def __init__(self, keyrings: Mapping[str, Keyring], signature: bytes, stamp: bytes) -> None:
        self._keyrings = {integration: keyring for integration, keyring in keyrings.items() if keyring}
        self._signature = signature
        self._stamp = stamp

    def is_there(self, integration: str, scope: "Scope") -> bool:
        """Return whether the integration has a secret for this entrance."""
        del scope
        return integration in self._keyrings

    def may_knock(self, headers: Headers) -> bool:
        """Return whether there is a signature at all."""
        return self._signature in headers

    def match(self, integration: str, headers: Headers, body: bytes) -> str | None:
        """Check the signature over the raw bytes."""
        return self._keyrings[integration].match(body, headers.get(self._signature))

    def proof(self, headers: Headers, body: bytes) -> bytes:
        """Return the signature, which `match` has found to be the body's own."""
        del body
        return headers[self._signature]

    def sent(self, headers: Headers) -> str:
        """Return the stamp; unsigned, so a hint only."""
        return text_of(headers.get(self._stamp), _LONGEST_STAMP)


class WebhookSource(_SignedEntrance):
    """Webhooks of an integration."""

    source: Source = "webhook"

    def __init__(self, keyrings: Mapping[str, Keyring]) -> None:
        super().__init__(keyrings, SIGNATURE, TIMESTAMP)

    def resource(self, headers: Headers) -> str:
        """Return the resource header's value; unsigned, so it is held against the body later."""
        return headers.get(RESOURCE, b"").decode("latin-1")


class ServiceHookSource(_SignedEntrance):
    """Service hooks, which a project has through the API."""

    source: Source = "service_hook"

    def __init__(self, keyrings: Mapping[str, Keyring]) -> None:
        super().__init__(keyrings, SERVICE_HOOK_SIGNATURE, SERVICE_HOOK_TIMESTAMP)

    def resource(self, headers: Headers) -> str:
        """Return our name for them; they have no resource header."""
        del headers
        return "service_hook"


class LegacySource:
    """Legacy project webhooks: the path is the only proof, so it is compared as a secret and never logged."""

    source: Source = "legacy"

    def __init__(self, paths: Mapping[str, str]) -> None:
        self._paths = {integration: path.encode() for integration, path in paths.items()}

    def is_there(self, integration: str, scope: "Scope") -> bool:
        """Compare the path in constant time; a wrong one looks like any path that does not exist."""
        given: str = scope["path_params"]["secret_path"]
        wanted = self._paths.get(integration)
        return wanted is not None and hmac.compare_digest(given.encode("utf-8", "replace"), wanted)

    def may_knock(self, headers: Headers) -> bool:
        """Return True: the path was the proof."""
        del headers
        return True

    def match(self, integration: str, headers: Headers, body: bytes) -> str | None:
        """Return the path's name: there is nothing else to check."""
        del integration, headers, body
        return _PATH

    def proof(self, headers: Headers, body: bytes) -> bytes:
        """Return a hash of the body: nothing is signed."""
        del headers
        return hashlib.sha256(body).hexdigest().encode()

    def resource(self, headers: Headers) -> str:
        """Return our name for them."""
        del headers
        return "legacy_webhook"

    def sent(self, headers: Headers) -> str:
        """Return nothing: they carry no stamp."""
        del headers
        return ""
