"""Values in Markdown show unchanged, and nothing in them has an effect, wherever an author's template puts them."""

import html
import re

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from vedette._core.markdown import WebAddress, escape_markdown, mark_value, render_address, render_markdown

PARSER = MarkdownIt("gfm-like", {"linkify": False, "html": True})


def tokens_of(text: str) -> list[Token]:
    return [child for token in PARSER.parse(text) for child in (token, *(token.children or ()))]


def kinds_of(text: str) -> set[str]:
    return {token.type for token in tokens_of(text)}


def shown(text: str) -> str:
    """Return what a reader sees."""
    plain = re.sub(r"<[^>]+>", "", PARSER.render(text))
    return html.unescape(plain).replace("\u2060", "").strip()


HOSTILE = (
    "[sign in](https://evil.example/login)",
    "![](https://evil.example/px.png)",
    "**bold** _it_ __it__ *it* ~~gone~~",
    "<img src=x onerror=alert(1)> <script>alert(1)</script>",
    "<https://evil.example>",
    "&lt;b&gt; &#64;everyone",
    "# heading",
    "- item",
    "+ item",
    "1. item",
    "12) item",
    "> quote",
    "---",
    "===",
    "***",
    "```sh",
    "`code`",
    "| a | b |",
    "\\[x](javascript:alert(1))",
    "\\\\[x](javascript:alert(1))",
    "[x]: https://evil.example",
    "[^1]: note",
    "(https://evil.example)",
    "$\\href{javascript:alert(1)}{x}$",
    "a]b(c)d",
    "snake_case_name __init__ _x",
)


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize(
    "template", ["{}", "On call: {}", "# {}", "- {}", "> {}", "a\n{}\nb", "[{}](https://a.example)"]
)
def test_a_value_in_running_text_shows_as_it_is(template: str, value: str) -> None:
    made = render_markdown(template.format(mark_value(value)), longest=4000)
    assert kinds_of(made) - {"text_special"} == kinds_of(template.format("word")) - {"text_special"}
    assert shown(made) == shown(template.format("word")).replace("word", value)


@pytest.mark.parametrize("value", ["@everyone", "x @team/core y", "#12", "see #12 and !3", "mail ann@example.com"])
def test_neither_mention_nor_reference_is_left(value: str) -> None:
    made = render_markdown(mark_value(value), longest=4000)
    assert not re.search(r"@\w|[#!]\d", made)
    assert shown(made) == value


@pytest.mark.parametrize(
    "value", ["https://evil.example/a", "www.evil.example", "see HTTP://evil.example", "ftp://x.example"]
)
def test_an_address_in_a_title_is_not_made_a_link_of_by_itself(value: str) -> None:
    made = render_markdown(mark_value(value), longest=4000)
    assert not re.search(r"\w://", made)
    assert "www." not in made.lower()
    assert shown(made) == value


@pytest.mark.parametrize(
    "value",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "//evil.example",
        "x) [y](https://evil.example",
        'x "title" onmouseover="alert(1)',
        "> <img src=x>",
        "https://user@evil.example/",
        "http:///x",
    ],
)
@pytest.mark.parametrize("template", ["[x]({})", "[x](<{}>)", "[x][1]\n\n[1]: {}", '<a href="{}">x</a>', "<{}>"])
def test_an_address_that_is_none_leads_nowhere(template: str, value: str) -> None:
    made = render_markdown(template.format(mark_value(value)), longest=4000)
    found = [str(token.attrs.get("href", token.attrs.get("src", ""))) for token in tokens_of(made) if token.attrs]
    found += re.findall(r"href=\"([^\"]*)\"", made)
    for address in found:
        assert ":" not in address
        assert not address.startswith("/")
    assert "image" not in kinds_of(made)
    assert len([token for token in tokens_of(made) if token.type == "link_open"]) <= 1


def test_an_address_of_sentry_s_stays_a_link() -> None:
    address = WebAddress.parse("https://acme.sentry.io/issues/1/?project=2&a_b=_c_")
    assert address == "https://acme.sentry.io/issues/1/?project=2&a_b=_c_"
    assert render_markdown(f"see {mark_value(address)}", longest=4000) == f"see {address}"
    assert render_markdown(f"[x]({mark_value(address)})", longest=4000) == f"[x]({address})"
    assert render_markdown(f"[x]({mark_value(str(address))})", longest=4000) == f"[x]({address})"


def test_within_an_address_of_the_author_s_a_value_is_a_part_of_it() -> None:
    made = render_markdown(
        f"[x](https://wiki.example/{mark_value('a b)/../_c?d#e')}) and https://a.example/{mark_value('*x*')}",
        longest=4000,
    )
    assert made == "[x](https://wiki.example/a%20b%29/../%5Fc%3Fd%23e) and https://a.example/%2Ax%2A"


def test_in_a_code_span_a_value_needs_no_escapes_and_cannot_end_it() -> None:
    made = render_markdown(f"in `{mark_value('a_b*c*')}` and `` {mark_value('x`y``z')} ``", longest=4000)
    assert made == "in `a_b*c*` and `` x'y''z ``"


@pytest.mark.parametrize("template", ["`a\n`{}`", "\\`{}`", '<a title="`">{}<b title="`">', "```\n{}"])
def test_what_only_looks_like_a_code_span_is_none(template: str) -> None:
    made = render_markdown(template.format(mark_value("[x](https://evil.example)")), longest=4000)
    assert "[x](" not in made


def test_a_code_span_that_is_cut_off_protects_nothing() -> None:
    made = render_markdown(f"`{mark_value('[x](https://evil.example)')}{'y' * 5000}`", longest=100)
    assert len(made) == 100
    assert "[x](" not in made


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (f"https://t.example/{mark_value('SHOP-1')}", "https://t.example/SHOP-1"),
        (f"https://t.example/{mark_value('a b/c@d?e')}", "https://t.example/a%20b/c%40d%3Fe"),
        (mark_value("https://t.example/x"), "https://t.example/x"),
        (mark_value("javascript:alert(1)"), None),
        (f"{mark_value('java')}{mark_value('script:alert(1)')}", None),
        ("javascript:alert(1)", None),
        (mark_value("https://user:word@evil.example"), None),
        (mark_value("http://[::1"), None),
        (mark_value(""), None),
    ],
)
def test_only_http_and_https_make_an_address(text: str, address: str | None) -> None:
    assert render_address(text) == address


def test_marks_in_a_text_from_outside_do_not_count() -> None:
    assert escape_markdown("\ue000[x]\ue001\ue002") == r"\[x\]"
    assert render_markdown(mark_value("\ue001[x](https://evil.example)\ue000"), longest=4000).startswith(r"\[x\](")
