"""The table of areas, and the grants that are made of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.api.operations import OPERATIONS
from vedette.api.scopes import HIERARCHY, holds
from vedette.permissions.agent_grants import grant_of_agent
from vedette.permissions.areas import AREAS, LEVELS, Area, areas_of, has_to_be_named, level_of
from vedette.settings.agents import AgentSettings, AreaSettings, Level

WITHOUT_AREA = {"apps", "auth"}
NAMED_ALONE = {"issues.create_in_tracker", "issues.link_tracker", "issues.unlink_tracker", "issues.start_autofix"}
"""Operations that reach beyond Sentry, or cost money."""


def grant(may: dict[str, Level] | None = None, **exact: object) -> set[str]:
    """The operations of an agent with these settings."""
    return set(grant_of_agent(AgentSettings.model_validate({"may": may or {}, "grant": exact})).operations)


def test_the_settings_have_each_area_of_the_table_and_no_other() -> None:
    assert set(AreaSettings().levels()) == set(AREAS)


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_is_in_an_area_or_has_to_be_named(name: str) -> None:
    operation = OPERATIONS[name]
    is_outside = operation.group in WITHOUT_AREA or name in NAMED_ALONE
    assert bool(areas_of(operation)) != is_outside


@pytest.mark.parametrize("area", AREAS.values(), ids=lambda area: area.name)
def test_a_level_holds_those_before_it_and_only_full_deletes(area: Area) -> None:

    before: set[str] = set()
    for level in LEVELS:
        operations = area.operations(level)
        names = {each.name for each in operations}
        assert before <= names
        assert all(each.method == "GET" for each in operations) or level in {"write", "full"}
        assert all(each.method != "DELETE" for each in operations) or level == "full"
        assert all(each.allowed_by(area.scopes(level)) for each in operations)
        before = names


def test_an_agent_without_a_line_may_do_nothing() -> None:
    assert grant() == set()


def test_nothing_of_apps_is_in_an_area() -> None:
    assert not {name for name in grant(dict.fromkeys(AREAS, "full")) if name.startswith("apps.")}


@pytest.mark.parametrize("operations", [["*"], ["issues.*", "projects.*", "members.*", "apps.*"], []])
def test_a_pattern_never_covers_what_deletes_or_is_of_apps(operations: list[str]) -> None:
    found = grant(scopes=[scope for scope in HIERARCHY if ":" in scope], operations=operations)
    assert found
    assert not {name for name in found if has_to_be_named(OPERATIONS[name])}
    assert not {name for name in found if not OPERATIONS[name].required}


@pytest.mark.parametrize("name", ["issues.delete", "members.remove", "apps.update", "projects.delete"])
def test_a_full_name_grants_it_where_its_scope_is_granted(name: str) -> None:
    scope = OPERATIONS[name].scope_to_add
    assert grant(scopes=[scope], operations=[name]) == {name}
    assert grant(scopes=["project:read"], operations=[name]) == set()


def test_exact_scopes_do_not_widen_what_an_area_allows() -> None:
    both = grant({"triage": "write"}, scopes=["alerts:read"])
    assert "issues.start_autofix" not in both
    assert both == grant({"triage": "write"}) | grant(scopes=["alerts:read"])


def test_fields_that_lose_data_are_in_the_area_that_is_named_for_them() -> None:
    triage = grant_of_agent(AgentSettings.model_validate({"may": {"triage": "full"}}))
    destroy = grant_of_agent(AgentSettings.model_validate({"may": {"destroy-issues": "write"}}))
    both = grant_of_agent(AgentSettings.model_validate({"may": {"destroy-issues": "write", "triage": "write"}}))
    assert triage.fields_outside(["status", "merge", "discard"]) == ["discard", "merge"]
    assert destroy.fields_outside(["status", "merge", "discard"]) == ["status"]
    assert both.fields_outside(["status", "merge", "discard"]) == []


LEVEL = st.sampled_from(LEVELS)


@given(st.fixed_dictionaries(dict.fromkeys(AREAS, LEVEL)), st.lists(st.sampled_from(sorted(HIERARCHY)), max_size=4))
def test_each_granted_operation_is_in_a_granted_area_or_has_its_scope(may: dict[str, Level], scopes: list[str]) -> None:
    for name in grant(may, scopes=scopes):
        operation = OPERATIONS[name]
        levels = [may[area.name] for area in areas_of(operation)]
        by_area = any(LEVELS.index(level) >= LEVELS.index(level_of(operation)) for level in levels)
        assert by_area or (holds(scopes, operation.required) and not has_to_be_named(operation))


@given(st.fixed_dictionaries(dict.fromkeys(AREAS, LEVEL)))
def test_the_scopes_of_a_grant_suffice_for_its_operations(may: dict[str, Level]) -> None:
    found = grant_of_agent(AgentSettings.model_validate({"may": may}))
    assert all(OPERATIONS[name].allowed_by(found.scopes) for name in found.operations)
