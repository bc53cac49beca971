"""Checks secrets when the settings are read: one that is blank, short or damaged would open the door, or shut it.

No text of an error ever shows a secret.
"""

from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, SecretStr

from vedette._core.json_values import values_of
from vedette._core.printable import printable

SHORTEST_SECRET: Final = 16
"""Characters that a secret has at least which proves who sent something."""


def separated(value: object) -> object:
    """Split a text at its commas, less blanks and empty parts; anything else is returned as it is.

    Raises:
        ValueError: The text is a list that was written wrongly.
    """
    if isinstance(value, str):
        if value.lstrip().startswith("["):
            raise ValueError("begins like a list and is none: separate the parts by commas, without brackets")
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def stripped(value: object) -> object:
    """Return a text, or the texts of a list, without white space around them; anything else as it is."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, SecretStr):
        return SecretStr(value.get_secret_value().strip())
    if isinstance(value, list | tuple):
        return tuple(stripped(each) for each in values_of(value))
    return value


def check_whole(secret: SecretStr) -> SecretStr:
    """Refuse a secret that is blank or holds a line break, a control or an invisible character.

    Raises:
        ValueError: Saying which, without the secret.
    """
    text = secret.get_secret_value()
    if not text:
        raise ValueError("is blank")
    if "\n" in text or "\r" in text:
        raise ValueError("holds more than one line: a secret is one line")
    if printable(text) != text:
        raise ValueError("holds a control or invisible character: copy the secret again")
    return secret


def check_long(secret: SecretStr) -> SecretStr:
    """Refuse a secret that `check_whole` refuses, or that is short enough to be guessed.

    Raises:
        ValueError: Saying which, without the secret.
    """
    check_whole(secret)
    if len(secret.get_secret_value()) < SHORTEST_SECRET:
        raise ValueError(f"has fewer than {SHORTEST_SECRET} characters: a short secret can be guessed")
    return secret


def _check_each(secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    for number, secret in enumerate(secrets, start=1):
        try:
            check_long(secret)
        except ValueError as error:
            which = f"secret {number} of {len(secrets)} " if len(secrets) > 1 else ""
            raise ValueError(f"{which}{error}") from None
    return secrets


def _some(secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    if not secrets:
        raise ValueError("is blank: give the Client Secret that Sentry shows for the integration")
    return secrets


Secret = Annotated[SecretStr, BeforeValidator(stripped), AfterValidator(check_whole)]
"""A secret that somebody else made: a token, or an address that lets whoever knows it in."""
LongSecret = Annotated[SecretStr, BeforeValidator(stripped), AfterValidator(check_long)]
"""A secret that proves who sent something."""
LongSecrets = Annotated[
    tuple[SecretStr, ...], BeforeValidator(stripped), BeforeValidator(separated), AfterValidator(_check_each)
]
"""Several of them; as a text, separated by commas."""
SomeLongSecrets = Annotated[LongSecrets, AfterValidator(_some)]
"""At least one of them."""
