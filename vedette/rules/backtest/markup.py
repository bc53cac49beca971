"""Markup that cannot be broken out of: every text is escaped unless this module made it.

Titles of errors come from anybody who can make an application fail; a report of them is opened by a colleague.
"""

from html import escape

from vedette._core.printable import printable


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


Child = str | int | None


def element(name: str, /, *children: Child, **attributes: str | float | None) -> Markup:
    """An element. Attributes: `class_` is `class`, an underscore is a dash; those that are None are left out."""
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(printable(_shown(value)))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{told}>{joined(*children)}</{name}>")


def joined(*children: Child) -> Markup:
    """Several after one another."""
    return Markup(
        "".join(
            child if isinstance(child, Markup) else escape(printable(str(child), multiline=True))
            for child in children
            if child is not None
        )
    )


def _shown(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
