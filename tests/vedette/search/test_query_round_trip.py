"""Whatever is read prints in a form that reads back to the same; whatever cannot be read says where."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.events import parse as parse_event
from vedette.events import samples
from vedette.search import SearchSyntaxError, Verdict, facts_of, parse
from vedette.search.keys import key_names

FACTS = [
    facts_of(parse_event(samples.resource_of(name), samples.load(name)), now=datetime(2026, 10, 4, 12, tzinfo=UTC))
    for name in ("issue.created", "error.created", "service_hook.event_alert", "metric_alert.critical")
]

# Pieces that searches are made of, in any order: far more of these are nearly right than of arbitrary text.
SIGNS = [":", "::", "!", "(", ")", "[", "]", ",", '"', '\\"', "\\", "\\*", "*", "**", "=", "!=", ">", ">=", "<", "<="]
WORDS = ["OR", "AND", "or", "and", "is:", "has:", "tags[", "flags[", ",number]", "tags[a:b]:", "assigned:#team", "a b"]
VALUES_OF_KINDS = ["unresolved", "error", "ferry-api", "-24h", "+7d", "2026-10-04", "5k", "10mb", "5min", "true", "me"]
ODD = ["\uf00dContains\uf00d", "\uf00dstarts with\uf00d", "Öst", "\n", "\t", "\x0b", "\u00a0", "latest", "4.18.*"]
PIECES = st.sampled_from([*key_names(), *SIGNS, *WORDS, *VALUES_OF_KINDS, *ODD, " ", " ", " ", " "])
NEARLY = st.lists(PIECES, max_size=14).map("".join)

WORD = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12)


def _quoted(text: str) -> str:
    escaped = text.replace('"', '\\"')
    return f'"{escaped}"'


VALUES = (WORD | st.sampled_from(["a*b", "\\*", "\\\\*", "5", "[x]", ">5", "", "C:\\dir\\*.py"])).map(_quoted)
TEXT_KEYS = st.sampled_from(
    ["title", "message", "project", "release", "browser", "tags[a:b]", '"a:b"', "user.email", "issue"]
)
TEXT_TERMS = st.builds("{}{}:{}".format, st.sampled_from(["", "!"]), TEXT_KEYS, VALUES)
LISTS = st.lists(VALUES, min_size=1, max_size=3).map(", ".join)
LIST_TERMS = st.builds("{}:[{}]".format, TEXT_KEYS, LISTS)
OTHER_TERMS = st.sampled_from(
    [
        "is:new",
        "!is:assigned",
        "has:user",
        "timesSeen:>=5K",
        "age:-24h",
        "firstSeen:>2026-10-04",
        "assigned:[me, #a]",
        "error.handled:1",
    ]
)
FREE_TEXT = WORD.filter(lambda text: bool(text.strip())).map(_quoted)
TERMS = TEXT_TERMS | LIST_TERMS | OTHER_TERMS | FREE_TEXT
SEARCHES = st.recursive(
    TERMS,
    lambda inner: st.builds("({}){}({})".format, inner, st.sampled_from([" ", " AND ", " OR ", " or "]), inner),
    max_leaves=8,
)


def _refusal_of(text: str) -> SearchSyntaxError | None:
    try:
        parse(text)
    except SearchSyntaxError as error:
        return error
    return None


def _check(text: str) -> None:
    error = _refusal_of(text)
    if error:
        assert 0 <= error.position <= len(text)
        assert 0 <= error.length <= len(text) - error.position
        assert error.expected
        assert str(error)
        return
    search = parse(text)
    printed = str(search)
    again = parse(printed)
    assert again == search
    assert str(again) == printed
    assert hash(again) == hash(search)
    for facts in FACTS:
        verdict = search.evaluate(facts)
        assert again.evaluate(facts) is verdict
        assert bool(search.unknowns(facts)) == (verdict is Verdict.UNKNOWN)
        assert search.explain(facts).verdict is verdict
        assert str(search.explain(facts))


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_arbitrary_text_is_a_search_or_says_where_it_is_none(text: str) -> None:
    _check(text)


@settings(max_examples=600, deadline=None)
@given(NEARLY)
def test_text_made_of_the_pieces_of_searches_is_one_or_says_where_it_is_none(text: str) -> None:
    _check(text)


@settings(max_examples=400, deadline=None)
@given(SEARCHES)
def test_well_formed_searches_print_and_read_back(text: str) -> None:
    _check(text)


@settings(max_examples=200, deadline=None)
@given(st.text('()[]!\\":, a*', max_size=80))
def test_brackets_and_quotes_in_any_order_never_do_worse_than_a_refusal(text: str) -> None:
    _check(text)


def test_very_long_nonsense_is_answered_soon() -> None:
    for piece in ("(", "a (", "a(", '"', "!", "[", "a:[", "OR ", "\\", "*", "a:*", "tags["):
        _check((piece * 10_000)[:10_000])


def test_the_canonical_form_is_short() -> None:
    written = '( (level:[error] AND  "is":"new") ) or browser:!=Chrome'
    assert str(parse(written)) == "level:error is:new OR !browser:Chrome"
    assert str(parse("(a:1 OR (b:2 OR c:3)) d:4")) == "(a:1 OR b:2 OR c:3) d:4"
    assert str(parse('hello there  x:"1"  tags[ "k" ]:v')) == '"hello there" x:1 tags[k]:v'
