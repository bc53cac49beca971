"""Kinds of tokens, recognised without a request."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from vedette.api import TokenKind, UnusableTokenError, credential


def organization_token(claims: object) -> str:
    encoded = base64.b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"sntrys_{encoded}_0123456789abcdef"


@pytest.mark.parametrize(
    ("token", "kind"),
    [
        ("sntryi_0f3c", TokenKind.INTEGRATION),
        ("sntryu_0f3c", TokenKind.USER),
        ("sntrya_0f3c", TokenKind.APP),
        (organization_token({"org": "acme"}), TokenKind.ORGANIZATION),
        ("a" * 64, TokenKind.UNKNOWN),
        ("https://key@o1.ingest.sentry.io/7", TokenKind.DSN),
        (" Bearer sntryi_0f3c\n", TokenKind.INTEGRATION),
    ],
)
def test_the_kind_is_told_from_the_beginning(token: str, kind: TokenKind) -> None:
    found = credential(SecretStr(token))
    assert found.kind is kind
    scheme = "DSN" if kind is TokenKind.DSN else "Bearer"
    assert found.authorization() == f"{scheme} {token.strip().removeprefix('Bearer ')}"
    assert token.strip() not in repr(found)


@pytest.mark.parametrize(
    ("token", "says"),
    [
        ("", "empty"),
        ("Basic YWJjOg==", "internal integration"),
        ("0123456789abcdef:", "internal integration"),
        ("sntryi_0f3c 1234", "as one word"),
        ("sntryi_0f3c\r\nX-Evil: 1", "as one word"),
        ("sntryi_öäü", "as one word"),
    ],
)
def test_a_token_that_cannot_work_is_refused_with_what_to_use(token: str, says: str) -> None:
    with pytest.raises(UnusableTokenError, match=says) as caught:
        credential(token)
    assert not token or token not in str(caught.value)


def test_an_organization_token_names_its_region() -> None:
    token = organization_token(
        {"iat": 1, "url": "https://sentry.io", "region_url": "https://de.sentry.io", "org": "acme"}
    )
    assert credential(token).region_url == "https://de.sentry.io"
    assert credential(organization_token(["odd"])).region_url is None
    assert credential("sntrys_%%%_abc").region_url is None
    assert credential("sntryi_0f3c").region_url is None


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        found = credential(text)
    except UnusableTokenError as error:
        assert error.args  # noqa: PT017  # both ends are right
    else:
        assert found.region_url is None or found.kind is TokenKind.ORGANIZATION
