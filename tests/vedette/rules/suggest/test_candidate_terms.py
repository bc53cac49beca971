"""Whatever an issue's texts are, the search made of them is read back, and finds the issue it was made from."""

from hypothesis import given
from hypothesis import strategies as st

from vedette.rules.suggest.candidate_terms import condition, conditions_of
from vedette.rules.suggest.generalization import mask_variables, message_patterns, path_patterns
from vedette.search import Facts, Verdict, parse, term

ODD = st.sampled_from(
    [
        '"',
        "'",
        "*",
        "\\",
        '\\"',
        "\\*",
        "\\\\*",
        "(",
        ")",
        "[",
        "]",
        ",",
        ">",
        "<=",
        "!",
        ":",
        "\n",
        "\uf00dContains\uf00d",
    ]
)
WORDS = st.sampled_from(
    ["timeout", "Error:", "basket", "7f3a9c2b11d0", "10.0.0.1", "'price'", "İstanbul", "ß", "of", "5"]
)
PIECES = ODD | WORDS | st.just(" ") | st.text(st.characters(exclude_categories=("Cs",)), max_size=5)
TEXTS = st.lists(PIECES, min_size=1, max_size=14).map("".join).filter(bool)


@given(TEXTS)
def test_an_exact_term_finds_its_text(text: str) -> None:
    assert found_by(term("title", (text,)), text)


@given(TEXTS.filter(lambda text: not text.endswith("\\")), TEXTS)
def test_an_exact_term_finds_no_other_text(text: str, other: str) -> None:
    assert found_by(term("title", (text,)), other) is (text == other)


@given(st.lists(TEXTS, min_size=2, max_size=4), st.lists(TEXTS, min_size=3, max_size=3))
def test_wildcards_stand_for_any_text_and_the_rest_for_itself(parts: list[str], fillings: list[str]) -> None:
    whole = parts[0] + "".join(filling + part for filling, part in zip(fillings, parts[1:], strict=False))
    assert found_by(term("title", parts), whole)
    if parts[0] != parts[0][:-1]:
        assert not found_by(term("title", (parts[0], "")), parts[0][:-1])


@given(st.fixed_dictionaries({"title": TEXTS, "location": TEXTS, "culprit": TEXTS, "logger": TEXTS, "project": TEXTS}))
def test_every_condition_finds_the_issue_that_it_was_made_from(features: dict[str, str]) -> None:
    facts = Facts().with_more(features)
    made = list(conditions_of(features))
    assert len(made) == len(set(made))
    for one in made:
        query = parse(one.text)
        assert parse(str(query)) == query
        assert query.evaluate(facts) is Verdict.TRUE, one
        assert one.matches(features[one.key])


def test_numbers_ids_and_quoted_parts_become_wildcards() -> None:
    title = (
        "KeyError: 'price' missing for product 37 in 7f3a9c2b-11d0-4c1e-9b7a-0123456789ab at https://a.example/x?y=1"
    )
    assert mask_variables(title, whole=True) == ("KeyError: ", " missing for product ", " in ", " at ", "")
    assert (
        condition("title", mask_variables("dock 'B4' of 12 is *full*", whole=True)).text
        == r'title:"dock * of * is \*full\*"'
    )


def test_a_message_is_also_known_by_how_it_begins_and_ends() -> None:
    found = message_patterns("stripe refused capture in EUR: settlement account locked")
    assert ("stripe refused capture", "") in found
    assert ("", "settlement account locked") in found


def test_a_pattern_of_a_few_letters_is_none() -> None:
    assert message_patterns("a 12 b 13") == []


def test_folders_end_where_something_varies() -> None:
    assert path_patterns("src/checkout/v2/basket.tsx", "/") == [("src/", ""), ("src/checkout/", "")]
    assert path_patterns("app.py", "/") == []


def found_by(search: str, title: str) -> bool:
    return parse(search).evaluate(Facts().with_more({"title": title})) is Verdict.TRUE
