"""Secrets in texts that foreign services send back."""

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus, unquote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette._core.secret_masking import LEFT_OUT, Masker

PATH = "T0/CANARY/channel-URL"
URL = f"https://hooks.example/services/{quote(PATH, safe='')}?key=CANARY%2Fkey+1&sp=%2Frun#CANARYFRAGMENT"
TOKEN = "xoxb-0123456789-CANARYTOKEN"
MASK = Masker([URL, TOKEN])
PLAIN = [PATH, "CANARY/key 1", "CANARYFRAGMENT", TOKEN]

FORMS: list[Callable[[str], str]] = [
    str,
    str.lower,
    str.upper,
    quote,
    quote_plus,
    lambda text: quote(quote(text, safe=""), safe=""),
    lambda text: "".join(f"%{one:02x}" for one in text.encode()),
    json.dumps,
    lambda text: json.dumps(text).replace("/", "\\/"),
    lambda text: "".join(f"\\u{ord(one):04x}" for one in text),
    lambda text: "".join(f"\\x{ord(one):02x}" for one in text),
    lambda text: "".join(f"&#{ord(one)};" for one in text),
    html.escape,
    lambda text: text.encode().hex(),
    lambda text: base64.b64encode(text.encode()).decode(),
    lambda text: base64.b64encode(b"/" + text.encode() + b"?x").decode(),
    lambda text: base64.urlsafe_b64encode(b"no" + text.encode()).decode(),
    lambda text: text[:10],
    lambda text: text[-10:],
    lambda text: f"{text[:1]}%{ord(text[1]):02X}{text[2:]}",
]


@pytest.mark.parametrize("plain", PLAIN)
@pytest.mark.parametrize("form", FORMS)
def test_no_form_of_a_secret_is_shown(plain: str, form: Callable[[str], str]) -> None:
    shown = MASK(f"Cannot POST /x/{form(plain)} here")
    assert form(plain) not in shown
    if shown != LEFT_OUT:
        assert shown.startswith("Cannot POST /")
        assert shown.endswith("here")
        decoded = unquote_plus(html.unescape(shown)).lower()
        assert not any(plain.lower()[at : at + 8] in decoded for at in range(len(plain) - 7))


@pytest.mark.parametrize(
    "text", ["invalid_payload", "Cannot POST /services/", "hooks.example is closed", "no_service", "Größe İ ok", ""]
)
def test_what_holds_no_secret_stays_as_it_is(text: str) -> None:
    assert MASK(text) == text


def test_an_address_of_short_words_is_known_by_all_of_them() -> None:
    assert Masker(["https://hooks.example/services/T0/B0/XXX"])("Cannot POST /services/T0/B0/XXX") == "Cannot POST ***"


def test_a_short_secret_is_masked_too_and_a_mask_shows_none() -> None:
    assert Masker(["abc"])("it was ABC, yes") == "it was ***, yes"
    assert "CANARY" not in repr(MASK)


def test_only_the_beginning_of_a_text_is_looked_at() -> None:
    assert len(MASK("a b " * 100_000)) <= 4096


@given(st.text(max_size=30), st.text(max_size=200))
def test_no_text_breaks_it(secret: str, text: str) -> None:
    shown = Masker([secret, f"https://a.example/{secret}"])(text)
    assert len(shown) <= 3 * len(text) + len(LEFT_OUT)
