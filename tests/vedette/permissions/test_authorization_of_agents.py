"""Authorization of agents' calls: exact operations, files, and the number of issues of one call."""

from collections.abc import Mapping
from typing import Any

import pytest

from vedette.api import OPERATIONS, Call
from vedette.permissions.authorization import Access, check_call
from vedette.permissions.errors import Denial
from vedette.permissions.grants import Grant
from vedette.permissions.principal import Principal

FILE = next(each.name for each in OPERATIONS.values() if each.answers == "bytes")
GRANT = Grant(operations=("issues.update", "issues.update_many", "issues.comment", FILE), bulk=2, is_exact=True)


def check(
    operation: str,
    grant: Grant = GRANT,
    body: Mapping[str, Any] | None = None,
    query: tuple[tuple[str, str], ...] = (),
) -> Denial | None:
    access = Access(Principal("agent", "helper"), (), grant)
    return check_call(access, Call(OPERATIONS[operation], {}, query, body), "acme")


@pytest.mark.parametrize("operation", GRANT.operations)
def test_exact_operations_are_authorized_without_needs_or_scopes(operation: str) -> None:
    assert check(operation) is None


def test_another_operation_is_denied_with_the_line_that_allows_it() -> None:
    denial = check("teams.list")
    assert denial is not None
    assert denial.reason == "its grant does not allow teams.list"
    assert 'teams = "read"' in denial.remedy
    assert "[agents.helper.may]" in denial.remedy


def test_a_file_is_denied_where_data_is_hidden() -> None:
    hiding = Grant(operations=GRANT.operations, hide=("user", "request"), is_exact=True)
    assert check(FILE, hiding) == Denial(
        "it answers with a file, which may hold the hidden user, request",
        "write `hide = []` under [agents.helper.grant] in vedette.toml",
    )
    assert check("issues.update", hiding) is None


def test_the_number_of_different_issues_is_bounded() -> None:
    two = (("id", "1"), ("id", "2"), ("id", "2"), ("project", "3"))
    assert check("issues.update_many", query=two) is None
    denial = check("issues.update_many", query=(*two, ("id", "3")))
    assert denial == Denial(
        "it would change 3 issues, and this agent may change 2 at once",
        "write `bulk = 3` under [agents.helper.grant] in vedette.toml",
    )
    assert check("issues.comment", query=(*two, ("id", "3"))) is None


def test_fields_that_lose_data_are_denied_to_agents_too() -> None:
    denial = check("issues.update", body={"status": "resolved", "discard": True})
    assert denial is not None
    assert denial.reason == "its grant does not let it set discard"
