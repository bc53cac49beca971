"""Validates secrets when the settings are read: blank and short secrets authenticate anyone, damaged ones no one.

No error message contains a secret.
"""

from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, SecretStr

from vedette._core.json_values import values_of
from vedette._core.printable import printable

SHORTEST_SECRET: Final = 16
"""The smallest number of characters of a secret that authenticates a sender."""


def split_list(value: object) -> object:
    """Split a text at commas, without blanks and empty parts; return other values unchanged.

    Raises:
        ValueError: The text is a malformed list.
    """
    if isinstance(value, str):
        if value.lstrip().startswith("["):
            raise ValueError("begins like a list and is none: separate the parts by commas, without brackets")
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def strip_text(value: object) -> object:
    """Strip white space from a text, or from the texts of a list; return other values unchanged."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, SecretStr):
        return SecretStr(value.get_secret_value().strip())
    if isinstance(value, list | tuple):
        return tuple(strip_text(each) for each in values_of(value))
    return value


def check_secret(secret: SecretStr) -> SecretStr:
    """Reject a secret that is blank or has a line break, a control or an invisible character.

    Raises:
        ValueError: The message names the problem, without the secret.
    """
    text = secret.get_secret_value()
    if not text:
        raise ValueError("is blank")
    if "\n" in text or "\r" in text:
        raise ValueError("holds more than one line: a secret is one line")
    if printable(text) != text:
        raise ValueError("holds a control or invisible character: copy the secret again")
    return secret


def check_strong_secret(secret: SecretStr) -> SecretStr:
    """Reject a secret that `check_secret` rejects, or that is short enough to be guessed.

    Raises:
        ValueError: The message names the problem, without the secret.
    """
    check_secret(secret)
    if len(secret.get_secret_value()) < SHORTEST_SECRET:
        raise ValueError(f"has fewer than {SHORTEST_SECRET} characters: a short secret can be guessed")
    return secret


def _check_each(secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    for number, secret in enumerate(secrets, start=1):
        try:
            check_strong_secret(secret)
        except ValueError as error:
            which = f"secret {number} of {len(secrets)} " if len(secrets) > 1 else ""
            raise ValueError(f"{which}{error}") from None
    return secrets


def _check_not_empty(secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    if not secrets:
        raise ValueError("is blank: give the Client Secret that Sentry shows for the integration")
    return secrets


Secret = Annotated[SecretStr, BeforeValidator(strip_text), AfterValidator(check_secret)]
"""A secret that another service issued: a token, or an address that authorizes its holder."""
StrongSecret = Annotated[SecretStr, BeforeValidator(strip_text), AfterValidator(check_strong_secret)]
"""A secret that authenticates a sender."""
StrongSecrets = Annotated[
    tuple[SecretStr, ...], BeforeValidator(strip_text), BeforeValidator(split_list), AfterValidator(_check_each)
]
"""Several strong secrets; as a text, separated by commas."""
RequiredStrongSecrets = Annotated[StrongSecrets, AfterValidator(_check_not_empty)]
"""At least one strong secret."""
