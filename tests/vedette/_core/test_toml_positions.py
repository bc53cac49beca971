"""The outline of a TOML document agrees with Python's own parser, whatever the document."""

import tomllib
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette._core.toml_positions import Path, places_of

DOCUMENT = '''# a comment with [[brackets]] and "quotes"
title = "a \\" quote # no comment" # but this is one
dotted . "key.with dots" = 1
[[rule]] # first
name = 'literal \\ text'
list = [
  1, # one
  "two ] }",
  { three = 3, nested = { deep = ["x"] } },
]
[[rule]]
when = """
level:fatal
  is:new"""
[rule.extra]
date = 1979-05-27 07:32:00
[[rule.then]]
assign = "a"
[[rule.then]]
assign = """two "quotes\""""
'''


def walk(value: Any, way: Path = ()) -> list[tuple[Path, Any]]:
    steps: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        steps = list(cast("dict[str, Any]", value).items())
    elif isinstance(value, list):
        steps = list(enumerate(cast("list[Any]", value)))
    found: list[tuple[Path, Any]] = [(way, value)]
    for step, inner in steps:
        found += walk(inner, (*way, step))
    return found


def check(text: str) -> None:
    places = places_of(text)
    for way, value in walk(tomllib.loads(text))[1:]:
        if isinstance(value, dict | list) and way not in places.values:
            assert way in places.keys or any(each[: len(way)] == way for each in places.keys)
            continue
        start = places.values[way]
        found = next(
            tomllib.loads(f"x = {text[start:end]}")["x"]
            for end in range(start + 1, len(text) + 1)
            if _is_value(text[start:end], value)
        )
        assert found == value


def _is_value(text: str, value: Any) -> bool:
    try:
        return bool(tomllib.loads(f"x = {text}")["x"] == value)
    except tomllib.TOMLDecodeError:
        return False


def test_every_value_of_a_document_is_found_where_it_stands() -> None:
    check(DOCUMENT)


def test_the_key_of_a_table_is_its_header_and_of_a_value_its_name() -> None:
    places = places_of(DOCUMENT)
    assert places.key(("rule", 0)) == (4, 1)
    assert places.key(("rule", 1)) == (11, 1)
    assert places.key(("rule", 1, "then", 1)) == (19, 1)
    assert places.key(("rule", 0, "list", 2, "nested")) == (9, 16)
    assert places.value(("rule", 0, "list", 2, "nested", "deep", 0)) == (9, 35)


def test_what_is_not_there_is_told_at_the_nearest_place_around_it() -> None:
    places = places_of(DOCUMENT)
    assert places.value(("rule", 1, "cooldown")) == (11, 1)
    assert places.value(("nowhere",)) == (1, 1)


@pytest.mark.parametrize(
    ("text", "index", "place"),
    [
        ('when = "level:fatal"', 6, (1, 15)),
        ('when = "a\\"b c"', 2, (1, 12)),
        ('when = "a\\u0062c"', 2, (1, 16)),
        ("when = 'a\\b'", 2, (1, 11)),
        ('when = """\nlevel:fatal\n  is:new"""', 14, (3, 3)),
        ('when = """a \\\n   b"""', 2, (2, 4)),
        ('when = "abc"', 3, (1, 12)),
    ],
)
def test_a_character_inside_a_text_is_found_behind_quotes_escapes_and_line_ends(
    text: str, index: int, place: tuple[int, int]
) -> None:
    assert places_of(text).inside(("when",), index) == place


def test_line_ends_of_windows_shift_nothing() -> None:
    places = places_of('a = 1\r\nb = """\r\nx\r\ny"""\r\n')
    assert places.key(("b",)) == (2, 1)
    assert places.inside(("b",), 2) == (4, 1)


_TEXTS = st.text(st.sampled_from("ab \"'\\#]}\n\t,=ü[{"), max_size=8)
_KEYS = st.text(st.sampled_from('ab."#] ='), max_size=4)
_VALUES = st.recursive(
    st.integers(-9, 99) | st.booleans() | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=6,
)


def _quoted(text: str) -> str:
    special = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
    return '"' + "".join(special.get(each, each) for each in text) + '"'


def _written(value: Any, draw: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        ways = [_quoted(value)]
        if not set("'\n") & set(value):
            ways.append(f"'{value}'")
        if "'" not in value:
            ways.append(f"'''\n{value}'''")
        ways.append(
            '"""\\\n  ' + _quoted(value)[1:-1].replace("\\n", "\n") + '"""' if value.strip() == value else ways[0]
        )
        return str(draw(st.sampled_from(ways)))
    if isinstance(value, list):
        gap = draw(st.sampled_from(["", " ", "\n # ] note\n"]))
        return "[" + gap + f",{gap}".join(_written(each, draw) for each in cast("list[Any]", value)) + gap + "]"
    pairs = [f"{_quoted(key)} = {_written(each, draw)}" for key, each in value.items()]
    return "{" + ", ".join(pairs) + "}"


@st.composite
def documents(draw: Any) -> str:
    lines: list[str] = []
    for number, table in enumerate(draw(st.lists(st.dictionaries(_KEYS, _VALUES, max_size=3), max_size=3))):
        lines.append(
            draw(st.sampled_from(["[[rule]]", "[[rule]] # ]]", f"[other.x{number}]", f"[[rule]]\n[rule.sub{number}]"]))
        )
        lines += [f"{_quoted(key)} = {_written(value, draw)} # {{" for key, value in table.items()]
    return "\n".join(lines) + "\n"


@given(documents())
def test_every_value_of_any_document_is_found(text: str) -> None:
    check(text)
