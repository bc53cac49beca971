"""The organization itself, and the lists across it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vedette.simulator.faults.integration_faults import PLAN_FEATURE
from vedette.simulator.serializers.organization import SETTINGS, organization_detail_json, organization_json
from vedette.simulator.serializers.project import project_json
from vedette.simulator.web.call import ApiCall, EndpointResponse, invalid
from vedette.simulator.web.endpoints.monitoring.queries import asked_projects
from vedette.simulator.web.paging import paginate
from vedette.simulator.web.slugs import read_slug

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vedette.simulator.web.call import Handler


def list_organizations(call: ApiCall) -> EndpointResponse:
    """List the organizations of the key: the one it is bound to."""
    return paginate(call, [call.world], organization_json)


def get(call: ApiCall) -> EndpointResponse:
    """Answer with the organization; `detailed=0` leaves out teams and projects, features come when asked for."""
    found = organization_detail_json(call.world, detailed=call.query.get("detailed") != "0")
    features = set(found.pop("features"))
    if not call.world.profile.features_on_request or call.query.get("include_feature_flags", "0") != "0":
        found["features"] = sorted(features - ({PLAN_FEATURE} if call.faults.has("plan") else set()))
    return EndpointResponse(found)


def update(call: ApiCall) -> EndpointResponse:
    """Change settings; a new slug moves every path, and the old one is not found from then on."""
    fields, world = call.fields, call.world
    slug = read_slug(fields, longest=50)
    if "name" in fields and not str(fields["name"] or "").strip():
        raise invalid(name="This field may not be blank.")
    for name, value in fields.items():
        if isinstance(SETTINGS.get(name), bool) and not isinstance(value, bool):
            raise invalid(**{name: "Must be a valid boolean."})
    world.revision += 1
    world.organization_slug = slug or world.organization_slug
    world.organization_name = fields.get("name", world.organization_name)
    world.organization_settings |= {name: value for name, value in fields.items() if name in SETTINGS}
    return EndpointResponse(organization_detail_json(world))


def projects(call: ApiCall) -> EndpointResponse:
    """List the organization's projects."""
    text = call.query.get("query", "").lower()
    found = [p for p in call.world.projects.values() if text in p.slug or text in p.name.lower()]
    return paginate(call, found, lambda project: project_json(call.world, project))


def environments(call: ApiCall) -> EndpointResponse:
    """List the environments that events of the asked-for projects have named."""
    names = sorted({name for project in asked_projects(call) for name in project.environments})
    return EndpointResponse([{"id": str(number), "name": name} for number, name in enumerate(names, 1)])


def tags(call: ApiCall) -> EndpointResponse:
    """List the tag keys in use, in the asked-for projects."""
    projects = asked_projects(call)
    keys: dict[str, set[str]] = {"environment": set(), "level": set(), "release": set()}
    for issue in call.world.issues.values():
        for key, value in issue.report.tags if issue.project in projects else ():
            keys.setdefault(key, set()).add(value)
    return EndpointResponse([_tag(key, len(values)) for key, values in sorted(keys.items())])


def _tag(key: str, values: int) -> dict[str, Any]:
    return {"key": key, "name": key.replace("_", " ").title(), "uniqueValues": values, "totalValues": values}


def region(call: ApiCall) -> EndpointResponse:
    """Answer with where the organization's data lives."""
    return EndpointResponse({"name": "us", "url": call.world.base_url})


ORGANIZATIONS: Mapping[str, Handler] = {
    "organizations.list": list_organizations,
    "organizations.get": get,
    "organizations.update": update,
    "organizations.projects": projects,
    "organizations.environments": environments,
    "organizations.tags": tags,
    "organizations.region": region,
}
