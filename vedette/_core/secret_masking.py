"""Masks secrets in texts that foreign services return, in any encoding.

A service may return a part of its request in another form: the path without the host, one value of the query,
percent-decoded or encoded twice, escaped for JSON or HTML, in base64, or truncated. So the masker searches for any
eight consecutive characters of any encoded form of a secret, and a text that contains one after decoding is left out.
"""

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, unquote_plus, urlsplit

MASK: Final = "***"
LEFT_OUT: Final = "(left out, because it repeats a secret)"
_STRETCH: Final = 8
"""Consecutive characters by which a secret is recognised."""
_LONGEST: Final = 4096
"""Characters of a text that are searched and returned."""
_ROUNDS: Final = 3
"""Rounds of decoding after each of which a text is searched again."""
_PUBLIC: Final = frozenset(
    {"services", "workflows", "triggers", "webhook", "webhooks", "incoming", "messages", "integrations", "automations"}
)
"""Parts of services' addresses that are documented and no secrets."""
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([/\"'\\]))")


class Masker:
    """A function that masks given secrets in a text; its `repr` shows none of them."""

    __slots__ = ("_short", "_stretches")

    def __init__(self, secrets: Iterable[str]) -> None:
        """Compute the encoded forms.

        Args:
            secrets: Tokens, keys and secret addresses; of an address, all but scheme and host.
        """
        forms = {_folded(form) for secret in secrets for piece in _pieces(secret) for form in _forms(piece)}
        self._stretches = frozenset(
            form[at : at + _STRETCH] for form in forms for at in range(len(form) - _STRETCH + 1)
        )
        self._short = frozenset(form for form in forms if 1 < len(form) < _STRETCH)

    def __call__(self, text: str) -> str:
        """Return the beginning of a text with `***` in place of secrets and parts of secrets."""
        text = text[:_LONGEST]
        masked = self._masked(text)
        decoded = masked
        for _ in range(_ROUNDS):
            decoded = _decoded(decoded)
            if any(self._found(_folded(decoded))):
                return LEFT_OUT
        return masked

    def _masked(self, text: str) -> str:
        parts: list[str] = []
        end = 0
        for begin, stop in self._found(_folded(text)):
            if begin >= end:
                parts += [text[end:begin], MASK]
            end = max(end, stop)
        return "".join([*parts, text[end:]])

    def _found(self, folded: str) -> Iterator[tuple[int, int]]:
        """Yield the start and end of each match, from left to right; matches overlap."""
        for at in range(len(folded)):
            if folded[at : at + _STRETCH] in self._stretches:
                yield at, at + _STRETCH
            elif (short := next((one for one in self._short if folded.startswith(one, at)), None)) is not None:
                yield at, at + len(short)

    def __repr__(self) -> str:
        return "<Masker>"


def _pieces(secret: str) -> Iterator[str]:
    """Yield the secret parts: a token as a whole, an address without its host and documented parts."""
    if not secret.startswith(("http://", "https://")):
        yield secret
        return
    try:
        parts = urlsplit(secret)
    except ValueError:
        yield secret
        return
    values = [value for _, value in parse_qsl(parts.query)]
    raw = [pair.partition("=")[2] for pair in parts.query.split("&")]
    every = (*parts.path.split("/"), *values, *raw, parts.fragment, parts.username or "", parts.password or "")
    found = [piece for piece in every if len(piece) >= _STRETCH and piece.lower() not in _PUBLIC]
    # An address of short parts only is secret as a whole.
    yield from found or [secret.partition("://")[2].removeprefix(parts.netloc)]


def _forms(piece: str) -> Iterator[str]:
    for plain in {piece, unquote(piece), unquote_plus(piece)}:
        yield plain
        for encoded in (_quoted(plain, safe=""), _quoted(plain), _quoted(plain).replace("%20", "+")):
            yield encoded
            yield _quoted(encoded, safe="")
        yield html.escape(plain)
        yield json.dumps(plain)[1:-1]
        yield json.dumps(plain).replace("/", "\\/")[1:-1]
        data = plain.encode("utf-8", "replace")
        yield data.hex()
        for shift in range(3):
            # Base64 has three alignments; the characters at both ends depend on the adjacent bytes.
            for encode in (base64.b64encode, base64.urlsafe_b64encode):
                yield encode(b"\0" * shift + data).decode().rstrip("=")[(shift * 4 + 2) // 3 : -1]


def _quoted(text: str, *, safe: str = "/") -> str:
    return quote(text, safe=safe, errors="replace")


def _decoded(text: str) -> str:
    return _ESCAPE.sub(_letter, html.unescape(unquote_plus(text)))


def _letter(match: "re.Match[str]") -> str:
    code = match[1] or match[2]
    return match[3] if code is None else chr(int(code, 16))


def _folded(text: str) -> str:
    """Return the text in lower case, with its length unchanged."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(one.lower() if len(one.lower()) == 1 else one for one in text)
