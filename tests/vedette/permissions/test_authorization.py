"""Authorization of handlers' calls; `test_agent_authorization.py` has those of agents."""

from collections.abc import Collection, Mapping
from typing import Any

import pytest

from vedette.api import OPERATIONS, Call
from vedette.permissions.authorization import Access, check_call, check_channel, check_projects, check_token
from vedette.permissions.errors import Denial
from vedette.permissions.grants import Grant
from vedette.permissions.principal import Principal

WRITE = Grant(scopes=("event:write",))
TABLE = "under [handlers.triage.grant] in vedette.toml"


def access(grant: Grant = WRITE, needs: tuple[str, ...] = ("event:write",)) -> Access:
    return Access(Principal("handler", "triage"), needs, grant)


def call(
    operation: str = "issues.update",
    body: Mapping[str, Any] | None = None,
    parameters: Mapping[str, str] | None = None,
    query: tuple[tuple[str, str], ...] = (),
) -> Call:
    return Call(OPERATIONS[operation], parameters or {}, query, body)


def test_what_is_needed_and_granted_is_authorized() -> None:
    assert check_call(access(), call(body={"status": "resolved"}), "acme") is None
    assert check_call(access(), call(parameters={"organization_id_or_slug": "acme"}), "acme") is None


def test_another_organization_is_denied() -> None:
    denial = check_call(access(), call(parameters={"organization_id_or_slug": "other"}), "acme")
    assert denial == Denial("it is about another organization", "use the integration of acme for acme")


def test_a_need_that_is_not_stated_is_denied() -> None:
    denial = check_call(access(needs=("event:read",)), call(), "acme")
    assert denial == Denial(
        "the handler does not state that it needs event:write", 'its author writes `@on(..., needs=("event:write",))`'
    )


def test_a_scope_that_is_not_granted_is_denied_and_the_line_names_all() -> None:
    denial = check_call(access(Grant(scopes=("event:read", "org:read"))), call(), "acme")
    assert denial == Denial(
        "its grant does not hold event:write",
        f'write `scopes = ["event:read", "org:read", "event:write"]` {TABLE}',
    )


def test_an_operation_that_needs_no_scope_has_to_be_named() -> None:
    name = next(each.name for each in OPERATIONS.values() if not each.required)
    denial = check_call(access(), call(name), "acme")
    assert denial == Denial("no scope allows it", f'write `operations = ["{name}"]` {TABLE}')
    assert check_call(access(Grant(operations=(name,))), call(name), "acme") is None


def test_operations_that_are_not_among_the_named_ones_are_denied() -> None:
    grant = Grant(scopes=("event:write",), operations=("issues.comment", "issues.tag*"))
    assert check_call(access(grant), call(), "acme") == Denial(
        "its grant names other operations",
        f'write `operations = ["issues.comment", "issues.tag*", "issues.update"]` {TABLE}',
    )


@pytest.mark.parametrize("operation", ["issues.update", "issues.update_many", "issues.update_in_project"])
def test_fields_that_lose_data_are_denied_where_an_issue_is_updated(operation: str) -> None:
    denial = check_call(access(), call(operation, {"status": "resolved", "merge": 1, "discard": True}), "acme")
    assert denial is not None
    assert denial.reason == "its grant does not let it set discard, merge"


def test_the_line_for_fields_keeps_those_that_are_named() -> None:
    grant = Grant(scopes=("event:write",), fields=("priority",))
    assert check_call(access(grant), call(body={"status": "resolved"}), "acme") == Denial(
        "its grant does not let it set status", f'write `fields = ["priority", "status"]` {TABLE}'
    )


def test_fields_of_other_operations_are_not_those_of_an_issue() -> None:
    assert check_call(access(), call("issues.comment", {"text": "hello"}), "acme") is None


def test_a_handler_has_no_bound_on_the_issues_of_one_call() -> None:
    query = tuple(("id", str(number)) for number in range(200))
    assert check_call(access(), call("issues.update_many", {"status": "resolved"}, query=query), "acme") is None


@pytest.mark.parametrize(
    ("channels", "denial"),
    [
        (("ops",), None),
        (("o*",), None),
        ((), Denial("its grant does not name channel ops", f'write `channels = ["ops"]` {TABLE}')),
        (
            ("web", "desk"),
            Denial("its grant does not name channel ops", f'write `channels = ["web", "desk", "ops"]` {TABLE}'),
        ),
    ],
)
def test_channels_are_granted_by_name(channels: tuple[str, ...], denial: Denial | None) -> None:
    assert check_channel(access(Grant(channels=channels)), "ops") == denial


@pytest.mark.parametrize(
    ("projects", "about", "denial"),
    [
        (("*",), None, None),
        (("*",), ["shop"], None),
        (("shop",), ["shop"], None),
        (("shop",), [], None),
        (
            ("shop", "bank"),
            ["till", "shop", "web"],
            Denial("its grant does not cover project till", f'write `projects = ["shop", "bank", "till"]` {TABLE}'),
        ),
        (
            ("shop", "bank"),
            None,
            Denial(
                "it is about the whole organization, and the grant is limited to shop, bank",
                f'write `projects = ["*"]` {TABLE}',
            ),
        ),
    ],
)
def test_projects_are_those_of_the_grant(
    projects: tuple[str, ...], about: Collection[str] | None, denial: Denial | None
) -> None:
    assert check_projects(access(Grant(projects=projects)), about, call()) == denial


def test_a_read_of_the_organization_can_be_named_in_a_grant_that_is_limited() -> None:
    grant = Grant(projects=("shop",), operations=("issues.*", "teams.list"))
    denial = check_projects(access(grant), None, call("members.list"))
    assert denial is not None
    assert denial.remedy == (
        f'write `projects = ["*"]` {TABLE}, or name the read itself: '
        '`operations = ["issues.*", "teams.list", "members.list"]`'
    )


@pytest.mark.parametrize(
    ("token", "is_denied"), [(None, False), (frozenset({"event:admin"}), False), (frozenset({"event:read"}), True)]
)
def test_the_token_has_to_hold_a_scope_too(token: Collection[str] | None, is_denied: bool) -> None:
    denial = check_token(call(), token)
    assert (denial is not None) is is_denied
    if denial is not None:
        assert denial.reason == "the token does not hold event:write"
        assert denial.remedy.startswith("add the scope event:write to the integration in Sentry: Settings > ")
