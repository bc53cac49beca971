"""Defines the delivery sources: routing and authentication of each kind of sender.

| source | proof | header |
|---|---|---|
| an integration's webhook | HMAC with the client secret | `Sentry-Hook-Signature` |
| a service hook | HMAC with the hook's own secret | `X-ServiceHook-Signature` |
| a legacy project webhook | the secret path; Sentry signs nothing | - |

No source accepts another one's header: a signature over an empty body, as UI components have, must not authenticate a
webhook.
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
    decode_header,
)
from receiver.verification.signatures import Keyring
from vedette.store.deliveries.stored_record import Source

if TYPE_CHECKING:
    from starlette.types import Scope

Headers = Mapping[bytes, bytes]
_LONGEST_TIMESTAMP = 20
_PATH = "path"
"""The name of the secret path, of which an integration has one at most."""


class DeliverySource(Protocol):
    """The routing and authentication of one kind of sender."""

    source: Source

    def serves(self, integration: str, scope: "Scope") -> bool:
        """Return whether the request's path exists, before the body is read."""
        ...

    def has_credentials(self, headers: Headers) -> bool:
        """Return whether the request has credentials, without which the body is not read."""
        ...

    def authenticate(self, integration: str, headers: Headers, body: bytes) -> str | None:
        """Return the name of the secret that authenticates the request, or None."""
        ...

    def digest_body(self, headers: Headers, body: bytes) -> bytes:
        """Return 64 hexadecimal digits that identify the body of an authenticated request."""
        ...

    def resource(self, headers: Headers) -> str:
        """Return the resource that the request claims."""
        ...

    def timestamp(self, headers: Headers) -> str:
        """Return the sender's timestamp in seconds, as in the header; empty when there is none."""
        ...


class _SignedSource:
    """A delivery source with signed bodies."""

    def __init__(self, keyrings: Mapping[str, Keyring], signature: bytes, timestamp: bytes) -> None:
        self._keyrings = {integration: keyring for integration, keyring in keyrings.items() if keyring}
        self._signature = signature
        self._timestamp_header = timestamp

    def serves(self, integration: str, scope: "Scope") -> bool:
        """Return whether the integration has a secret for this source."""
        del scope
        return integration in self._keyrings

    def has_credentials(self, headers: Headers) -> bool:
        """Return whether there is a signature."""
        return self._signature in headers

    def authenticate(self, integration: str, headers: Headers, body: bytes) -> str | None:
        """Verify the signature over the received bytes."""
        return self._keyrings[integration].match(body, headers.get(self._signature))

    def digest_body(self, headers: Headers, body: bytes) -> bytes:
        """Return the signature, which `authenticate` has verified."""
        del body
        return headers[self._signature]

    def timestamp(self, headers: Headers) -> str:
        """Return the timestamp; unsigned, so a hint only."""
        return decode_header(headers.get(self._timestamp_header), _LONGEST_TIMESTAMP)


class WebhookSource(_SignedSource):
    """Webhooks of an integration."""

    source: Source = "webhook"

    def __init__(self, keyrings: Mapping[str, Keyring]) -> None:
        super().__init__(keyrings, SIGNATURE, TIMESTAMP)

    def resource(self, headers: Headers) -> str:
        """Return the resource header's value; unsigned, so it is compared with the body later."""
        return headers.get(RESOURCE, b"").decode("latin-1")


class ServiceHookSource(_SignedSource):
    """Service hooks, which are created for a project by the API."""

    source: Source = "service_hook"

    def __init__(self, keyrings: Mapping[str, Keyring]) -> None:
        super().__init__(keyrings, SERVICE_HOOK_SIGNATURE, SERVICE_HOOK_TIMESTAMP)

    def resource(self, headers: Headers) -> str:
        """Return `service_hook`, since there is no resource header."""
        del headers
        return "service_hook"


class LegacySource:
    """Legacy project webhooks, with the path as the only credential: it is compared as a secret and never logged."""

    source: Source = "legacy"

    def __init__(self, paths: Mapping[str, str]) -> None:
        self._paths = {integration: path.encode() for integration, path in paths.items()}

    def serves(self, integration: str, scope: "Scope") -> bool:
        """Compare the path in constant time; a wrong one is answered like any path that does not exist."""
        given: str = scope["path_params"]["secret_path"]
        wanted = self._paths.get(integration)
        return wanted is not None and hmac.compare_digest(given.encode("utf-8", "replace"), wanted)

    def has_credentials(self, headers: Headers) -> bool:
        """Return True: the path is the credential."""
        del headers
        return True

    def authenticate(self, integration: str, headers: Headers, body: bytes) -> str | None:
        """Return the path's name: `serves` has compared it."""
        del integration, headers, body
        return _PATH

    def digest_body(self, headers: Headers, body: bytes) -> bytes:
        """Return a hash of the body, which is not signed."""
        del headers
        return hashlib.sha256(body).hexdigest().encode()

    def resource(self, headers: Headers) -> str:
        """Return `legacy_webhook`, since there is no resource header."""
        del headers
        return "legacy_webhook"

    def timestamp(self, headers: Headers) -> str:
        """Return an empty text, since there is no timestamp."""
        del headers
        return ""
