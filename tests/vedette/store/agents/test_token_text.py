"""The form of agents' tokens: recognised by scanners, and no other text."""

import re

from hypothesis import given
from hypothesis import strategies as st

from vedette.store.agents.token_text import fingerprint, is_token, new_token, token_id

NAMES = st.from_regex(re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]{0,39}"), fullmatch=True)


@given(NAMES)
def test_a_token_has_the_form_and_no_two_are_alike(name: str) -> None:
    one, other = new_token(name), new_token(name)
    assert is_token(one)
    assert one != other
    assert re.fullmatch(rf"vdta_{re.escape(name)}_[0-9A-Za-z]{{43}}_[0-9A-Za-z]{{6}}", one)


@given(NAMES, st.integers(min_value=0), st.sampled_from("0aZ_-. \n"))
def test_a_token_with_one_other_letter_is_none(name: str, place: int, letter: str) -> None:
    token = new_token(name)
    at = place % len(token)
    changed = token[:at] + letter + token[at + 1 :]
    assert is_token(changed) == (changed == token)


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    assert not is_token(text)
    assert token_id(fingerprint(text)) == fingerprint(text)[:12]
