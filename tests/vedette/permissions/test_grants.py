import pytest

from vedette.permissions.grants import KNOWN_FIELDS, NOTHING, Grant, grant_of
from vedette.settings.access import GrantSettings

NEEDS = ("event:write",)


def test_without_settings_a_handler_of_a_plugin_has_nothing() -> None:
    assert grant_of(None, NEEDS, bundled=False) == NOTHING
    assert not NOTHING.holds({"event:read"})
    assert not NOTHING.covers_channel("ops")


def test_a_bundled_handler_has_what_it_needs_and_every_channel() -> None:
    grant = grant_of(None, NEEDS, bundled=True)
    assert grant == Grant(scopes=NEEDS, channels=("*",), shipped=True)
    assert grant.is_for_all_projects


def test_a_field_that_loses_data_is_added_to_the_known_ones() -> None:
    grant = grant_of(None, NEEDS, bundled=True, fields=("merge",))
    assert grant.fields == (*sorted(KNOWN_FIELDS), "merge")
    assert grant.fields_outside(["merge", "priority", "discard"]) == ["discard"]


def test_the_settings_replace_what_comes_with_a_bundled_handler() -> None:
    settings = GrantSettings(scopes=("event:read",), projects=("shop",), writes_per_hour=3)
    grant = grant_of(settings, NEEDS, bundled=True, fields=("merge",))
    assert (grant.scopes, grant.projects, grant.writes_per_hour) == (("event:read",), ("shop",), 3)
    assert (grant.shipped, grant.channels, grant.fields) == (False, (), ())


@pytest.mark.parametrize(
    ("scopes", "wanted", "holds"),
    [
        (("event:write",), {"event:read", "event:write", "event:admin"}, True),
        (("event:admin",), {"event:read"}, True),
        (("event:read",), {"event:write", "event:admin"}, False),
        ((), {"event:read"}, False),
    ],
)
def test_a_scope_holds_those_below_it(scopes: tuple[str, ...], wanted: set[str], holds: bool) -> None:
    assert Grant(scopes=scopes).holds(wanted) is holds


@pytest.mark.parametrize(
    ("operations", "covers", "names"),
    [
        (("*",), True, False),
        (("issues.update",), True, True),
        (("issues.*",), True, True),
        (("Issues.*",), False, False),
        (("members.*", "*"), True, False),
        (("members.*",), False, False),
        ((), False, False),
    ],
)
def test_patterns_of_operations(operations: tuple[str, ...], covers: bool, names: bool) -> None:
    grant = Grant(operations=operations)
    assert grant.covers_operation("issues.update") is covers
    assert grant.names_operation("issues.update") is names


@pytest.mark.parametrize(
    ("projects", "covers", "is_for_all"),
    [(("*",), True, True), (("shop",), True, False), (("sh*",), True, False), (("bank",), False, False)],
)
def test_patterns_of_projects(projects: tuple[str, ...], covers: bool, is_for_all: bool) -> None:
    grant = Grant(projects=projects)
    assert (grant.covers_project("shop"), grant.is_for_all_projects) == (covers, is_for_all)


@pytest.mark.parametrize(
    ("fields", "asked", "outside"),
    [
        ((), ["status", "assignedTo"], []),
        ((), ["status", "merge", "discard"], ["discard", "merge"]),
        (("status",), ["status", "substatus", "statusDetails"], []),
        (("priority",), ["status", "substatus", "priority"], ["status", "substatus"]),
    ],
)
def test_fields_that_lose_data_have_to_be_named(fields: tuple[str, ...], asked: list[str], outside: list[str]) -> None:
    assert Grant(fields=fields).fields_outside(asked) == outside


@pytest.mark.parametrize(
    ("grant", "text"),
    [
        (Grant(), "nothing"),
        (Grant(operations=("issues.*",)), "nothing"),
        (Grant(scopes=("event:read", "org:read")), "event:read org:read"),
        (Grant(channels=("ops", "web")), "notifying ops, web"),
        (
            Grant(
                scopes=("event:write",),
                channels=("ops",),
                operations=("issues.*", "teams.*"),
                fields=("status", "priority"),
                projects=("shop", "bank"),
                writes_per_hour=0,
                writes_per_issue_per_hour=0,
            ),
            (
                "event:write, notifying ops, for issues.*, teams.*, setting status, priority, in shop, bank, "
                "0 an hour, 0 an hour and issue"
            ),
        ),
    ],
)
def test_a_grant_prints_as_people_read_it(grant: Grant, text: str) -> None:
    assert str(grant) == text
