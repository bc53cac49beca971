"""Holds a filter while it is parsed: the key, the raw value, and the means to refuse it at the right position."""

from dataclasses import dataclass
from typing import NoReturn

from vedette.search.keys import Key
from vedette.search.syntax.operators import NOT_EQUAL
from vedette.search.syntax.raw_values import Item, Value
from vedette.search.syntax.scanner import Scanner, WrittenKey


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter while it is read."""

    scanner: Scanner
    written: WrittenKey
    key: Key
    value: Value

    @property
    def operator(self) -> str:
        """The comparison to make; `!=` is a negation, which the term does."""
        return "=" if self.value.operator in {"", NOT_EQUAL} else self.value.operator

    @property
    def only(self) -> Item:
        """The one value of a key that takes no list."""
        if self.value.listed:
            self.fail(f'a single value: "{self.written.name}" takes no list; join several with OR')
        return self.value.items[0]

    def fail(self, expected: str, item: Item | None = None) -> NoReturn:
        """Refuse an item, or the whole value."""
        place = item or self.value
        self.scanner.fail(expected, place.start, place.end)

    def refuse_operator(self, why: str, *, equal: bool = True) -> None:
        """Refuse comparisons, for keys with values that have no order; `equal` allows `=` and `!=`."""
        operator = self.value.operator
        if operator and not (equal and operator in {"=", NOT_EQUAL}):
            self.scanner.fail(why, self.value.start, self.value.start + len(operator))

    def joined(self, texts: list[str]) -> str:
        """Return the value in canonical form, of the canonical forms of its items."""
        text = f"[{', '.join(texts)}]" if len(texts) > 1 else texts[0]
        return text if self.value.operator in {"", "=", NOT_EQUAL} else self.value.operator + text
