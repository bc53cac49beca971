"""Reads the query of a request, and corrects two forms that real clients send and Sentry's table of limits refuses."""

from typing import Final
from urllib.parse import parse_qsl

from gateway.rejections import NotAuthenticatedError, UnusableQueryError
from vedette._core.printable import printable

Pairs = tuple[tuple[str, str], ...]

LONGEST: Final = 24 * 1024
"""Bytes of a query; 1,000 ids of issues, which is as many as Sentry changes with one call, take 14,000."""
_MOST: Final = 2000
"""Parameters."""
_PAGE_SIZES: Final = frozenset({"per_page", "limit"})
_LARGEST_PAGE: Final = 100
"""Sentry answers 400 to more."""
_CREDENTIALS: Final = frozenset({"token", "access_token", "auth", "auth_token", "api_key", "sentry_key", "key"})


def read_query(raw: bytes) -> Pairs:
    """Return the parameters of a query, in order.

    An empty cursor is left out, as sentry-cli sends it with each first page, and a page size is at most 100.

    Raises:
        UnusableQueryError: It is too long, or no UTF-8.
    """
    if not raw:
        return ()
    if len(raw) > LONGEST:
        raise UnusableQueryError(f"has more than {LONGEST} bytes")
    try:
        found = parse_qsl(raw.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST, errors="strict")
    except UnicodeError:
        raise UnusableQueryError("is not UTF-8") from None
    except ValueError:
        raise UnusableQueryError(f"has more than {_MOST} parameters") from None
    if any(printable(name) != name or "\x00" in value for name, value in found):
        raise UnusableQueryError("holds a control character")
    return tuple([_corrected(*pair) for pair in found if pair != ("cursor", "")])


def check_no_credential(pairs: Pairs) -> None:
    """Refuse a query that holds a credential, which would end up in logs of proxies.

    Raises:
        NotAuthenticatedError: It does.
    """
    for name, _ in pairs:
        if name.lower() in _CREDENTIALS:
            raise NotAuthenticatedError(
                f"A credential in the query ({name}) is not accepted: send the agent's token in the header "
                "`Authorization: Bearer TOKEN`, and revoke one that was part of an address."
            )


def _corrected(name: str, value: str) -> tuple[str, str]:
    if name in _PAGE_SIZES and value.isascii() and value.isdigit() and int(value[:9]) > _LARGEST_PAGE:
        return name, str(_LARGEST_PAGE)
    return name, value
