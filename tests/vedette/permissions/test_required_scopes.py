from typing import Any

import pytest

from vedette.permissions.required_scopes import UnknownNeedError, check_needs, missing


def test_scopes_of_sentry_are_needs() -> None:
    assert check_needs("triage", ["event:write", "org:read"]) == ("event:write", "org:read")
    assert check_needs("triage", ()) == ()


@pytest.mark.parametrize(
    ("needs", "wrong", "advice"),
    [
        (("event:wrote",), "event:wrote", 'write needs=("event:write",)'),
        (("event:read", "sun:shine"), "sun:shine", 'write needs=("event:write",)'),
        (("project:reed",), "project:reed", 'write needs=("project:read",)'),
        ("event:read", "event:read", 'write needs=("event:read",)'),
        (7, 7, 'write needs=("event:write",)'),
        ((7,), 7, 'write needs=("event:write",)'),
    ],
)
def test_what_is_no_scope_is_refused_with_the_nearest(needs: Any, wrong: object, advice: str) -> None:
    with pytest.raises(UnknownNeedError) as raised:
        check_needs("triage", needs)
    assert (raised.value.handler, raised.value.scope) == ("triage", wrong)
    assert str(raised.value) == f"triage needs {wrong!r}, which is no scope of Sentry: {advice}"


def test_scopes_hold_those_below_them() -> None:
    assert missing(["event:write", "org:read", "event:read"], ["event:admin"]) == ["org:read"]
    assert missing(["team:write", "event:write"], ["event:read"]) == ["event:write", "team:write"]
