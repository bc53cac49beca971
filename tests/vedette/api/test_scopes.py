"""The hierarchy of scopes."""

import pytest

from vedette.api.scopes import HIERARCHY, expand, holds, in_form, least


def test_every_scope_holds_itself() -> None:
    assert all(scope in held for scope, held in HIERARCHY.items())


def test_the_hierarchy_is_closed() -> None:
    assert all(expand(held) == held for held in HIERARCHY.values())


@pytest.mark.parametrize(
    ("held", "wanted", "answer"),
    [
        (["event:write"], ["event:read"], True),
        (["event:read"], ["event:write", "event:admin"], False),
        (["project:admin"], ["project:releases"], False),
        (["org:admin"], ["org:integrations"], True),
        (["org:write"], ["org:integrations"], False),
        (["org:admin"], ["project:read"], False),
        (["member:write"], ["member:invite"], True),
        ([], [], True),
        ([], ["event:read"], False),
        (["future:read"], ["future:read"], True),
    ],
)
def test_whether_a_scope_is_held(held: list[str], wanted: list[str], answer: bool) -> None:
    assert holds(held, wanted) is answer


@pytest.mark.parametrize(
    ("wanted", "scope"),
    [
        (["event:admin", "event:read", "event:write"], "event:read"),
        (["event:admin", "event:write"], "event:write"),
        (["org:ci", "project:admin", "project:releases", "project:write"], "project:releases"),
        (["org:ci"], "org:ci"),
        ([], None),
    ],
)
def test_the_weakest_scope_that_an_integration_can_hold_is_advised(wanted: list[str], scope: str | None) -> None:
    assert least(wanted) == scope


@pytest.mark.parametrize(
    ("scope", "text"),
    [
        ("event:write", "Issue & Event: Read & Write"),
        ("project:releases", "Release: Admin"),
        ("org:read", "Organization: Read"),
        ("future:peek", "future: peek"),
    ],
)
def test_a_scope_is_named_as_the_form_names_it(scope: str, text: str) -> None:
    assert in_form(scope) == text
