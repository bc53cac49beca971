import pytest

from vedette.permissions.authorization import Access
from vedette.permissions.grants import NOTHING
from vedette.permissions.principal import Principal


@pytest.mark.parametrize(
    ("principal", "key"),
    [
        (Principal("handler", "triage"), "triage"),
        (Principal("agent", "claude"), "agent:claude"),
        (Principal("person", "ann"), "person:ann"),
    ],
)
def test_the_key_of_a_handler_is_its_name_and_others_have_their_kind_before_it(principal: Principal, key: str) -> None:
    assert principal.key == str(principal) == key
    assert Principal.from_key(key) == principal


def test_an_unknown_kind_is_part_of_a_name() -> None:
    assert Principal.from_key("robot:x") == Principal("handler", "robot:x")


def test_the_grant_is_in_the_table_of_the_kind() -> None:
    assert Access(Principal("agent", "claude"), (), NOTHING).table == "[agents.claude.grant]"


def test_a_name_may_hold_what_parts_the_kind_from_it() -> None:
    assert Principal.from_key("agent:team:helper") == Principal("agent", "team:helper")
