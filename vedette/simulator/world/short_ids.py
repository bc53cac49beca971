"""Short ids such as `PAYMENTS-API-4K`: the project's slug in capitals and a number in Crockford's base 32."""

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def short_id(slug: str, number: int) -> str:
    """Return the short id of a project's n-th issue, counted from 1."""
    text = ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        text = _DIGITS[digit] + text
    return f"{slug.upper()}-{text or '0'}"


def number_of(short: str) -> int:
    """Return which issue of its project a short id names."""
    number = 0
    for digit in short.rpartition("-")[2]:
        number = number * len(_DIGITS) + _DIGITS.index(digit)
    return number
