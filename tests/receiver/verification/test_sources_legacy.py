"""The one source without a signature: its path is the credential."""

import hashlib
from typing import Any

import pytest

from receiver.verification.sources import LegacySource, ServiceHookSource, WebhookSource

PATH = "a-long-secret-path-of-the-tests"


def scope_of(path: str) -> Any:
    return {"path_params": {"secret_path": path}}


@pytest.mark.parametrize(
    ("integration", "path", "serves"),
    [
        ("default", PATH, True),
        ("default", PATH[:-1], False),
        ("default", f"{PATH}x", False),
        ("default", PATH.upper(), False),
        ("default", "", False),
        ("default", "caf\xe9", False),
        ("default", "\ud800", False),
        ("other", PATH, False),
    ],
)
def test_it_serves_its_own_path_alone(integration: str, path: str, serves: bool) -> None:
    assert LegacySource({"default": PATH, "nameless": "?"}).serves(integration, scope_of(path)) is serves


def test_what_is_unsigned_has_no_timestamp_and_a_hash_of_its_body() -> None:
    source = LegacySource({"default": PATH})
    assert source.has_credentials({})
    assert source.authenticate("default", {}, b"{}") == "path"
    assert source.digest_body({}, b"{}") == hashlib.sha256(b"{}").hexdigest().encode()
    assert (source.resource({}), source.timestamp({})) == ("legacy_webhook", "")


def test_a_service_hook_has_one_resource_and_its_own_headers() -> None:
    source = ServiceHookSource({})
    assert source.resource({b"sentry-hook-resource": b"issue"}) == "service_hook"
    assert source.timestamp({b"x-servicehook-timestamp": b"1795419489", b"sentry-hook-timestamp": b"1"}) == "1795419489"


def test_a_webhook_names_its_resource_in_a_header_that_may_be_missing() -> None:
    source = WebhookSource({})
    assert source.resource({b"sentry-hook-resource": b"issue"}) == "issue"
    assert source.resource({b"sentry-hook-resource": b"\xff"}) == "\xff"
    assert source.resource({}) == ""
