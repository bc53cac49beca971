import json

import pytest

from receiver.verification import headers
from receiver.verification.headers import (
    decode_header,
    encode_storable_headers,
    is_secret,
    parse_idempotency_key,
)


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> dict[bytes, str]:
    """An empty cache of header names."""
    cache: dict[bytes, str] = {}
    monkeypatch.setattr(headers, "_NAMES", cache)
    return cache


def stored(*received: tuple[bytes, bytes]) -> dict[str, str]:
    return json.loads(encode_storable_headers(received))


@pytest.mark.parametrize(
    "name",
    [
        *(b"authorization", b"proxy-authorization", b"cookie"),
        *(b"sentry-hook-signature", b"sentry-app-signature", b"x-servicehook-signature"),
        *(b"x-api-key", b"x-anything", b"anthropic-version", b"hub-signature-256", b"my-signature"),
    ],
)
def test_what_may_hold_a_secret_is_not_stored(name: bytes) -> None:
    assert is_secret(name)
    assert stored((name, b"secret"), (b"user-agent", b"sentry")) == {"user-agent": "sentry"}
    assert stored((name, b"secret")) == {}


@pytest.mark.parametrize("name", [b"user-agent", b"sentry-hook-resource", b"request-id", b"content-type", b"host"])
def test_other_headers_are_stored_under_their_names(name: bytes) -> None:
    assert not is_secret(name)
    assert stored((name, b"value")) == {name.decode(): "value"}
    assert stored((name, b"again")) == {name.decode(): "again"}


@pytest.mark.parametrize(
    "name",
    [
        *(b"accept", b"accept-encoding", b"connection", b"content-length"),
        *(b"expect", b"keep-alive", b"te", b"transfer-encoding"),
    ],
)
def test_headers_of_the_connection_are_not_stored(name: bytes) -> None:
    assert not is_secret(name)
    assert stored((name, b"value"), (b"date", b"today")) == {"date": "today"}


def test_long_values_are_cut_and_bytes_that_are_no_text_are_kept() -> None:
    assert stored((b"a", b"v" * 1024), (b"b", b"v" * 1025)) == {"a": "v" * 1024, "b": "v" * 1024}
    assert stored((b"caf\xe9", b"\xff\x00\x1b")) == {"caf\xe9": "\xff\x00\x1b"}


def test_of_a_repeated_header_the_last_is_stored() -> None:
    assert stored((b"via", b"one"), (b"via", b"two")) == {"via": "two"}


def test_the_cache_of_names_is_bounded(names: dict[bytes, str]) -> None:
    for number in range(1030):
        name = f"name-{number}"
        assert stored((name.encode(), b"value")) == {name: "value"}
    assert len(names) == 1024
    assert names[b"name-0"] == "name-0"
    assert stored((b"x-late", b"secret"), (b"te", b"trailers"), (b"name-1029", b"value")) == {"name-1029": "value"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (b"", ""),
        (b"issue", "issue"),
        (b"a\x1b[31m\r\nb\x00", "a[31mb"),
        (b"caf\xc3\xa9", "caf"),
        (b"v" * 201, "v" * 200),
    ],
)
def test_a_header_is_read_as_printable_text(value: bytes | None, text: str) -> None:
    assert decode_header(value) == text


def test_a_header_is_read_up_to_a_length() -> None:
    assert decode_header(b"abcdef", 3) == "abc"


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (None, ""),
        (b"", ""),
        (b"0123456789abcdefABCDEF_.:-zZ", "0123456789abcdefABCDEF_.:-zZ"),
        (b"k" * 64, "k" * 64),
        (b"k" * 65, ""),
        (b"two words", ""),
        (b"tab\t", ""),
        (b"caf\xe9", ""),
        (b"{vedette}", ""),
    ],
)
def test_an_idempotency_key_is_whole_or_nothing(value: bytes | None, key: str) -> None:
    assert parse_idempotency_key(value) == key
