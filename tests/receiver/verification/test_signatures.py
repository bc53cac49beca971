"""Who may come in: HMAC over the raw bytes, and nothing else."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from receiver.verification.signatures import Keyring
from tests.receiver.sentry import sign


def test_published_vectors_pass_and_reserialised_bodies_fail(shared: Path) -> None:
    table = json.loads((shared / "sentry" / "payloads" / "_signature_vectors.json").read_text())
    keyring = Keyring([table["secret"]])
    for vector in table["vectors"]:
        body = vector["body"].encode()
        assert keyring.match(body, vector["signature"].encode()) == "1"
        if body:
            spaced = json.dumps(json.loads(body)).encode()
            assert keyring.match(spaced, vector["signature"].encode()) is None
        unescaped = json.dumps(json.loads(body), ensure_ascii=False, separators=(",", ":")).encode() if body else b""
        if unescaped != body:
            assert keyring.match(unescaped, vector["signature"].encode()) is None


def test_every_live_secret_opens_and_goes_by_its_place_in_the_setting() -> None:
    keyring = Keyring(["old", "new"])
    assert keyring.match(b"{}", sign(b"{}", "old").encode()) == "1"
    assert keyring.match(b"{}", sign(b"{}", "new").encode()) == "2"
    assert keyring.match(b"{}", sign(b"{}", "other").encode()) is None


def test_a_keyring_without_secrets_opens_for_nobody() -> None:
    assert not Keyring([])
    assert Keyring([]).match(b"", sign(b"", "").encode()) is None


def test_only_the_exact_form_of_a_signature_counts() -> None:
    keyring = Keyring(["secret"])
    good = sign(b"{}", "secret")
    for wrong in ("", good.upper(), f"sha256={good}", good[:-1], f"{good} ", f"{good},{good}"):
        assert keyring.match(b"{}", wrong.encode()) is None
    assert keyring.match(b"{}", None) is None


def test_nothing_secret_shows_in_a_keyring() -> None:
    assert "secret" not in repr(Keyring(["secret"]))


@given(st.binary(max_size=200), st.binary(max_size=80))
def test_no_made_up_signature_passes_or_crashes(body: bytes, signature: bytes) -> None:
    assert Keyring(["secret"]).match(body, signature) is None
