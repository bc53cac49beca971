"""What Sentry's side does: bodies in its byte format, and its headers."""

import hashlib
import hmac
import json
from dataclasses import dataclass

SECRET = "client-secret-of-the-tests"
INSTALLATION = "5f0c7f3e-9a41-4d7e-8a55-3c8e0d1b6a92"


def sign(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def wire(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def issue_body(number: int = 1, action: str = "created", **more: object) -> bytes:
    data = {"issue": {"id": str(number), "title": "plain", **more}}
    return wire({"action": action, "installation": {"uuid": INSTALLATION}, "data": data})


def hook_headers(body: bytes, resource: str = "issue", secret: str = SECRET) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "Sentry-Hook-Resource": resource,
        "Sentry-Hook-Signature": sign(body, secret),
        "Sentry-Hook-Timestamp": "1795419489",
        "Request-ID": "b45c203c03d84c8099beb727730f7fd7",
    }


def raw_request(body: bytes, headers: dict[str, str], path: str = "/hooks") -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: receiver", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


@dataclass(frozen=True)
class Capture:
    """One request as a real Sentry sent it."""

    name: str
    headers: list[tuple[str, str]]
    body: bytes
    secret: str
