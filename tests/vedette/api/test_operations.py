"""The table of operations against Sentry's own schema."""

from typing import Any

import pytest

from vedette.api.operations import OPERATIONS, Operation, TokenKind
from vedette.api.scopes import HIERARCHY

BY_ROUTE = {(operation.method, operation.path): operation for operation in OPERATIONS.values()}

# The operations that the client promises, in the groups that Sentry's documentation has.
THE_37 = [
    "issues.list_for_project",
    "issues.get",
    "issues.update",
    "issues.delete",
    "issues.update_in_project",
    "events.list_for_issue",
    "events.get_for_issue",
    "events.list_for_project",
    "events.get",
    "projects.create",
    "projects.get",
    "projects.update",
    "projects.delete",
    "projects.users",
    "projects.keys",
    "organizations.get",
    "organizations.update",
    "organizations.projects",
    "teams.list",
    "teams.create",
    "teams.get",
    "teams.update",
    "teams.delete",
    "teams.projects",
    "teams.members",
    "releases.list",
    "releases.create",
    "releases.get",
    "releases.update",
    "releases.delete",
    "releases.deploys",
    "releases.create_deploy",
    "members.list",
    "members.invite",
    "members.get",
    "members.update",
    "members.remove",
]


# In Sentry's documentation, though not in the excerpt of its schema that these tests read.
DOCUMENTED_ELSEWHERE = {
    "alerts.rule",
    "alerts.rules",
    "dashboards.get",
    "dashboards.list",
    "issues.replay_count",
    "monitors.checkins",
    "monitors.checkins_for_project",
    "monitors.get",
    "monitors.get_for_project",
    "monitors.list",
    "projects.add_team",
    "projects.create_key",
    "projects.delete_key",
    "projects.key",
    "projects.remove_team",
    "projects.send_feedback",
    "projects.update_key",
    "traces.get",
}


def in_schema(openapi: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): operation
        for path, methods in openapi["paths"].items()
        for method, operation in methods.items()
    }


def scopes_in_schema(operation: dict[str, Any]) -> frozenset[str]:
    return frozenset(scope for way in operation["security"] for scope in way.get("auth_token", []))


def test_every_operation_of_the_schema_is_in_the_table(openapi: dict[str, Any]) -> None:
    assert set(in_schema(openapi)) - set(BY_ROUTE) == set()


def test_the_37_operations_are_all_in_the_schema_and_the_table(openapi: dict[str, Any]) -> None:
    assert len(THE_37) == 37
    routes = in_schema(openapi)
    for name in THE_37:
        operation = OPERATIONS[name]
        assert (operation.method, operation.path) in routes


def test_scopes_are_those_of_the_schema_or_the_table_says_why_not(openapi: dict[str, Any]) -> None:
    for route, described in in_schema(openapi).items():
        operation = BY_ROUTE[route]
        same = operation.scopes == scopes_in_schema(described)
        assert same != bool(operation.differs), operation.name


def test_operations_that_the_schema_lacks_are_known_to_be_outside_of_it(openapi: dict[str, Any]) -> None:
    outside = {
        name for name, operation in OPERATIONS.items() if (operation.method, operation.path) not in in_schema(openapi)
    }
    undocumented = {name for name, operation in OPERATIONS.items() if operation.standing in {"private", "experimental"}}
    assert outside - undocumented == DOCUMENTED_ELSEWHERE


def test_paging_parameters_agree_with_the_schema(openapi: dict[str, Any]) -> None:
    for route, described in in_schema(openapi).items():
        operation = BY_ROUTE[route]
        names = {parameter["name"] for parameter in described.get("parameters", []) if parameter["in"] == "query"}
        if "cursor" in names:
            assert operation.paginated, operation.name
        if operation.page_size and operation.name != "members.list":  # accepted there, though the schema leaves it out
            assert operation.page_size in names, operation.name


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda operation: operation.name)
def test_every_line_of_the_table_is_well_formed(operation: Operation) -> None:
    assert operation.path.startswith("/api/0/")
    assert operation.path.endswith("/")
    assert operation.scopes <= set(HIERARCHY)
    assert operation.needs <= operation.scopes
    assert operation.summary
    assert not (operation.paginated and operation.writes)
    assert len(set(operation.parameters)) == len(operation.parameters)


def test_an_organization_token_opens_releases_and_repositories_alone() -> None:
    opened = {operation.name for operation in OPERATIONS.values() if operation.accepts(TokenKind.ORGANIZATION)}
    assert opened == {
        "releases.list",
        "releases.list_for_project",
        "releases.create",
        "releases.get",
        "releases.update",
        "releases.commits",
        "releases.deploys",
        "releases.create_deploy",
        "organizations.repositories",
        "organizations.region",
        "auth.whoami",
    }


def test_an_integration_cannot_do_what_needs_a_person() -> None:
    assert not OPERATIONS["members.remove"].accepts(TokenKind.INTEGRATION)
    assert OPERATIONS["members.remove"].accepts(TokenKind.USER)
    assert OPERATIONS["issues.update"].accepts(TokenKind.INTEGRATION)


def test_a_dsn_opens_feedback_alone() -> None:
    opened = {operation.name for operation in OPERATIONS.values() if operation.accepts(TokenKind.DSN)}
    assert opened == {"projects.send_feedback"}


def test_a_read_scope_never_allows_a_write() -> None:
    for operation in OPERATIONS.values():
        if operation.writes:
            assert not any(scope.endswith(":read") for scope in operation.required), operation.name


def test_operations_with_their_own_limit_have_their_own_bucket() -> None:
    assert OPERATIONS["issues.get"].bucket != OPERATIONS["issues.search"].bucket
    assert OPERATIONS["issues.search"].bucket != "GET"  # about 10 a second since August 2026
    assert OPERATIONS["members.get"].bucket == OPERATIONS["teams.list"].bucket == "GET"
