"""Event queries that are checked and not run, and the attributes that they can name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from vedette.simulator.web.call import ApiCall, EndpointResponse, bad_request, forbidden, invalid
from vedette.simulator.web.paging import paginate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vedette.simulator.web.call import Handler
    from vedette.simulator.world.projects import Project

# The datasets for which Sentry checks queries; of others it says that they may be valid.
CHECKED = ("logs", "ourlogs", "profile_functions", "spans", "tracemetrics", "uptime_results")
DATASETS = (*CHECKED, "discover", "errors", "issuePlatform", "metricsEnhanced", "transactions")
ITEM_TYPES = ("logs", "spans", "tracemetrics", "preprod", "processing_errors")
ATTRIBUTES = {
    "environment": "string",
    "id": "string",
    "is_transaction": "boolean",
    "project": "string",
    "release": "string",
    "span.description": "string",
    "span.duration": "number",
    "span.op": "string",
    "timestamp": "string",
    "trace": "string",
    "transaction": "string",
}
"""The attributes of spans that the simulated Sentry stores, with their types."""
TYPES = ("string", "number", "boolean")
_FUNCTION = re.compile(r"[a-z_0-9]+\([^()]*\)")
_KEY = re.compile(r"(?:^|[\s(])!?([\w.\[\]]+):")
_UNKNOWN = "Unknown attribute"
_INCOMPATIBLE = "This dataset is not compatible with the validate endpoint, your request may still be valid"


def asked_projects(call: ApiCall) -> list[Project]:
    """Return the projects of the query, all if it names none; one that does not exist is a 403 for the whole call."""
    ids, slugs = call.query.getlist("project"), call.query.getlist("projectSlug")
    if ids and slugs:
        raise bad_request("Cannot query for both ids and slugs")
    named = ids + slugs
    if not named or "-1" in named:
        return list(call.world.projects.values())
    found = [call.world.find_project(name) for name in named]
    if None in found:
        raise forbidden()
    return [project for project in found if project]


def validate(call: ApiCall) -> EndpointResponse:
    """Check a query; the answer is 400 where something in it is wrong."""
    verdict: dict[str, Any] = {
        "valid": True,
        "projects": [],
        "dataset": [],
        "environment": [],
        "field": [],
        "query": {"valid": True, "error": None, "fields": []},
        "orderby": [],
    }
    if not asked_projects(call):
        verdict["projects"] = [{"valid": False, "error": "At least one valid project is required to query"}]
    elif not _known_environments(call):
        verdict["environment"] = [{"valid": False, "error": "Unknown environments selected"}]
    else:
        _check_dataset(call, verdict)
    parts = [verdict["query"], *verdict["query"]["fields"]]
    for name in ("projects", "dataset", "environment", "field", "orderby"):
        parts += verdict[name]
    verdict["valid"] = all(part["valid"] for part in parts)
    return EndpointResponse(verdict, 200 if verdict["valid"] else 400)


def _known_environments(call: ApiCall) -> bool:
    known = {name for project in call.world.projects.values() for name in project.environments}
    return known.issuperset(call.query.getlist("environment"))


def _check_dataset(call: ApiCall, verdict: dict[str, Any]) -> None:
    dataset = call.query.get("dataset", "discover")
    if dataset not in CHECKED:
        error = _INCOMPATIBLE if dataset in DATASETS else f"dataset must be one of: {', '.join(sorted(DATASETS))}"
        verdict["dataset"] = [{"name": dataset, "valid": dataset in DATASETS, "error": error}]
        return
    fields = call.query.getlist("field")
    verdict["field"] = [_check(name) for name in fields]
    query = call.query.get("query", "")
    if query.count("(") != query.count(")") or query.count('"') % 2:
        verdict["query"] |= {"valid": False, "error": "Parse error: unbalanced parentheses or quotes"}
    else:
        verdict["query"]["fields"] = [_check(name) for name in _KEY.findall(query)]
    verdict["orderby"] = [_check_order(name, fields) for name in call.query.getlist("orderby")]


def _check(name: str) -> dict[str, Any]:
    kind = "number" if _FUNCTION.fullmatch(name) else ATTRIBUTES.get(name)
    return {"name": name, "valid": kind is not None, "attrType": kind, "error": None if kind else _UNKNOWN}


def _check_order(name: str, fields: Iterable[str]) -> dict[str, Any]:
    column = name.lstrip("-")
    if column in fields:
        return {**_check(column), "name": name}
    return {"name": name, "valid": False, "attrType": None, "error": "Orderby must also be a selected field"}


def attributes(call: ApiCall) -> EndpointResponse:
    """List the attributes of spans, logs or metrics; only spans have some here."""
    kind = call.query.get("dataset") or call.query.get("itemType")
    if kind is None:
        raise invalid(non_field_errors="dataset is required if itemType is not passed")
    if kind not in ITEM_TYPES:
        raise invalid(itemType=f'"{kind}" is not a valid choice.')
    wanted = call.query.getlist("attributeType") or list(TYPES)
    if wrong := next((name for name in wanted if name not in TYPES), None):
        raise invalid(attributeType=f'"{wrong}" is not a valid choice.')
    asked_projects(call)
    text = call.query.get("substringMatch", "")
    found = [
        (name, type_) for name, type_ in ATTRIBUTES.items() if kind == "spans" and type_ in wanted and text in name
    ]
    return paginate(call, found, _attribute_json)


def _attribute_json(attribute: tuple[str, str]) -> dict[str, Any]:
    name, kind = attribute
    return {"key": name, "name": name, "attributeType": kind, "attributeSource": {"source_type": "sentry"}}


QUERIES: Mapping[str, Handler] = {
    "events.validate": validate,
    "traces.attributes": attributes,
}
