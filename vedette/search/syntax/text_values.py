"""Parses values that are texts: with wildcards, of people, and of the keys with a fixed set of values.

Each function gives what to ask of the facts, and the value in canonical form.
"""

from vedette.search.keys import Key, Kind
from vedette.search.matching.actors import actor_condition
from vedette.search.matching.conditions import Condition, Latest, Match, Missing, any_of
from vedette.search.matching.issue_states import CHOICES, choice_condition, state_condition
from vedette.search.matching.wildcards import loose_test, message_test, pattern_test
from vedette.search.syntax.filter_context import Filter
from vedette.search.syntax.scanner import printed_text


def read_text(found: Filter) -> tuple[Condition, str]:
    """Return a text, compared exactly, by wildcards, or as part of a message."""
    bare = printed_text(found.scanner.text[found.value.start : found.value.end].strip('"'))
    found.refuse_operator(f"no comparison: the values of this key are text. In quotes ({bare}) it is searched as text")
    conditions = [_text_condition(found.key, item.text) for item in found.value.items]
    return any_of(conditions), found.joined([printed_text(item.text) for item in found.value.items])


def _text_condition(key: Key, text: str) -> Condition:
    if not text:
        return Missing(key.name)
    if key.kind is Kind.MESSAGE:
        return Match(key.name, message_test(text))
    if key.kind is Kind.RELEASE and text == "latest":
        return Latest(key.name)
    if key.name == "project" and text.isdecimal() and text.isascii():
        return Match("project.id", pattern_test(text))
    return Match(key.name, loose_test(text) if key.name == "issue" else pattern_test(text))


def read_actor(found: Filter) -> tuple[Condition, str]:
    """Users and teams."""
    found.refuse_operator("a name without a comparison")
    for item in found.value.items:
        if not item.text:
            found.fail("an email address, a username, #team, me, my_teams or none", item)
    conditions = [actor_condition(found.key.name, item.text) for item in found.value.items]
    return any_of(conditions), found.joined([printed_text(item.text) for item in found.value.items])


def read_choice(found: Filter) -> tuple[Condition, str]:
    """One of the few values that Sentry accepts."""
    found.refuse_operator("a value without a comparison")
    choices = CHOICES[found.key.name]
    for item in found.value.items:
        if item.text not in choices:
            found.fail(f"one of {', '.join(choices)}", item)
    conditions = [choice_condition(found.key.name, item.text) for item in found.value.items]
    return any_of(conditions), found.joined([item.text for item in found.value.items])


def read_is(found: Filter) -> tuple[Condition, str]:
    """Return a state of an issue."""
    found.refuse_operator("a value without an operator; write !is: for the opposite", equal=False)
    item = found.only
    if item.text not in CHOICES["is"]:
        found.fail(f"one of {', '.join(CHOICES['is'])}", item)
    return state_condition(item.text), item.text
