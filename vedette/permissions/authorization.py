"""Authorizes calls: a pure function of the call, the needs and grant of its principal, and the scopes of the token.

Other facts that a decision needs, such as the project of an issue, are looked up elsewhere and passed as values.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from vedette._core.json_values import json_list
from vedette.api.call import Call
from vedette.permissions.agent_advice import check_agent_operation
from vedette.permissions.errors import Denial
from vedette.permissions.grants import Grant
from vedette.permissions.principal import Principal

ISSUE_UPDATES: Final = frozenset({"issues.update", "issues.update_many", "issues.update_in_project"})
BULK: Final = frozenset(
    {"issues.update_many", "issues.update_in_project", "issues.delete_many", "issues.delete_in_project"}
)
_ORGANIZATION: Final = "organization_id_or_slug"


@dataclass(frozen=True, slots=True)
class Access:
    """The needs that a principal states, and the grant that it has."""

    principal: Principal
    needs: tuple[str, ...]
    grant: Grant

    @property
    def table(self) -> str:
        """The table of the settings file that holds the grant."""
        return f"[{self.principal.kind}s.{self.principal.name}.grant]"

    def in_grant(self, line: str) -> str:
        """Return the advice to write a line into the grant."""
        return f"write `{line}` under {self.table} in vedette.toml"


def check_call(access: Access, call: Call, organization: str) -> Denial | None:
    """Check a call by its operation, organization and fields.

    Args:
        access: The access of the principal.
        call: A call that was rebuilt from the table of operations.
        organization: The organization of the token.
    """
    operation = call.operation
    if call.parameters.get(_ORGANIZATION, organization) != organization:
        return Denial("it is about another organization", f"use the integration of {organization} for {organization}")
    if access.principal.kind == "agent":
        denial = check_agent_operation(access.principal.name, access.grant, operation)
        return denial or _check_file(access, call) or _check_bulk(access, call) or _check_fields(access, call)
    scope = operation.scope_to_add
    if scope is not None and not operation.allowed_by(access.needs):
        return Denial(
            f"the handler does not state that it needs {scope}",
            f'its author writes `@on(..., needs=("{scope}",))`',
        )
    if scope is not None and not access.grant.holds(operation.required):
        held = "".join(f'"{each}", ' for each in access.grant.scopes)
        return Denial(f"its grant does not hold {scope}", access.in_grant(f'scopes = [{held}"{scope}"]'))
    return _check_narrowing(access, call)


def check_channel(access: Access, channel: str) -> Denial | None:
    """Check that messages may be sent to a channel."""
    if access.grant.covers_channel(channel):
        return None
    held = "".join(f'"{each}", ' for each in access.grant.channels)
    return Denial(f"its grant does not name channel {channel}", access.in_grant(f'channels = [{held}"{channel}"]'))


def check_projects(access: Access, projects: Collection[str] | None, call: Call) -> Denial | None:
    """Check the projects that a call is about; None for a call about the whole organization."""
    grant = access.grant
    if grant.is_for_all_projects:
        return None
    if projects is None:
        remedy = access.in_grant('projects = ["*"]')
        if not call.operation.writes and not grant.is_exact:
            name = call.operation.name
            held = "".join(f'"{each}", ' for each in grant.operations)
            remedy += f', or name the read itself: `operations = [{held}"{name}"]`'
        limits = ", ".join(grant.projects)
        return Denial(f"it is about the whole organization, and the grant is limited to {limits}", remedy)
    for slug in sorted(projects):
        if not grant.covers_project(slug):
            return _deny_project(access, slug, call)
    return None


def _deny_project(access: Access, slug: str, call: Call) -> Denial:
    reason, name = f"its grant does not cover project {slug}", access.principal.name
    if access.principal.kind == "agent" and slug not in _projects_named(call):
        # The agent named an id; the project behind it is known to Vedette alone, and to the operator by the audit.
        remedy = f"ask the operator, whom `vedette audit --agent {name}` tells the project for `projects` under"
        return Denial("its grant does not cover that project", f"{remedy} {access.table} in vedette.toml", reason)
    held = "".join(f'"{each}", ' for each in access.grant.projects)
    return Denial(reason, access.in_grant(f'projects = [{held}"{slug}"]'))


def _projects_named(call: Call) -> frozenset[str]:
    """Return the projects, by slug or id, that the call itself names."""
    body: object = (call.body or {}).get("projects")
    in_body = (str(each) for each in json_list(body)) if isinstance(body, list) else ()
    in_query = (value for name, value in call.query if name in {"project", "projectSlug"})
    return frozenset((call.parameters.get("project_id_or_slug", ""), *in_query, *in_body))


def _check_narrowing(access: Access, call: Call) -> Denial | None:
    operation, grant = call.operation, access.grant
    if not operation.required and not grant.names_operation(operation.name):
        # Sentry requires no scope for these, so the grant has to name them.
        return Denial("no scope allows it", access.in_grant(f'operations = ["{operation.name}"]'))
    if not grant.covers_operation(operation.name):
        held = "".join(f'"{each}", ' for each in grant.operations)
        return Denial("its grant names other operations", access.in_grant(f'operations = [{held}"{operation.name}"]'))
    return _check_fields(access, call)


def _check_fields(access: Access, call: Call) -> Denial | None:
    grant = access.grant
    outside = grant.fields_outside(call.fields) if call.operation.name in ISSUE_UPDATES else []
    if outside:
        names = "".join(f'"{each}", ' for each in (*grant.fields, *outside)).removesuffix(", ")
        return Denial(f"its grant does not let it set {', '.join(outside)}", access.in_grant(f"fields = [{names}]"))
    return None


def _check_file(access: Access, call: Call) -> Denial | None:
    """Deny files to an agent from which data is hidden: what a file holds cannot be looked through."""
    hidden = access.grant.hide
    if call.operation.answers != "bytes" or not hidden:
        return None
    return Denial(
        f"it answers with a file, which may hold the hidden {', '.join(hidden)}", access.in_grant("hide = []")
    )


def _check_bulk(access: Access, call: Call) -> Denial | None:
    bound = access.grant.bulk
    if bound is None or call.operation.name not in BULK:
        return None
    count = len({value for name, value in call.query if name == "id"})
    if count <= bound:
        return None
    return Denial(
        f"it would change {count} issues, and this agent may change {bound} at once",
        access.in_grant(f"bulk = {count}"),
    )


def check_token(call: Call, token: Collection[str] | None) -> Denial | None:
    """Check the scopes of the token; None if they are unknown, so that Sentry itself decides."""
    operation = call.operation
    if token is None or operation.allowed_by(token):
        return None
    scope = operation.scope_to_add
    return Denial(
        f"the token does not hold {scope}",
        f"add the scope {scope} to the integration in Sentry: Settings > Custom Integrations > Permissions",
    )
