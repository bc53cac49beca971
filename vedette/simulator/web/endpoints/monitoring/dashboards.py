"""Dashboards, and the metric alert rules of the older form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vedette.simulator.serializers.monitors import dashboard_detail_json, dashboard_json, metric_rule_json
from vedette.simulator.web.call import ApiCall, EndpointResponse, not_found
from vedette.simulator.web.endpoints.monitoring.queries import asked_projects
from vedette.simulator.web.paging import paginate
from vedette.simulator.world.id_parsing import as_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vedette.simulator.web.call import Handler

# What Sentry sends with every answer of a deprecated route, since May 2026.
DEPRECATION = {
    "X-Sentry-Deprecation-Date": "2026-05-14T00:00:00+00:00",
    "X-Sentry-Replacement-Endpoint": "sentry-api-0-organization-detector-index",
}


def list_dashboards(call: ApiCall) -> EndpointResponse:
    """List dashboards, newest first, or by title; a query searches titles."""
    text, sort = call.query.get("query", "").casefold(), call.query.get("sort", "")
    found = [each for each in call.world.dashboards.values() if text in each.title.casefold()][::-1]
    if sort.removeprefix("-") == "title":
        found.sort(key=lambda each: each.title.casefold(), reverse=sort.startswith("-"))
    elif sort == "dateCreated":
        found.reverse()
    return paginate(call, found, lambda each: dashboard_json(call.world, each))


def get_dashboard(call: ApiCall) -> EndpointResponse:
    """Answer with one dashboard and its widgets."""
    found = call.world.dashboards.get(as_id(call.path["dashboard_id"]) or 0)
    if found is None:
        raise not_found()
    return EndpointResponse(dashboard_detail_json(call.world, found))


def list_rules(call: ApiCall) -> EndpointResponse:
    """List metric alert rules of the asked-for projects."""
    projects = asked_projects(call)
    found = [rule for rule in call.world.metric_rules.values() if rule.project in projects]
    answer = paginate(call, found, lambda rule: metric_rule_json(call.world, rule))
    answer.headers |= DEPRECATION
    return answer


def get_rule(call: ApiCall) -> EndpointResponse:
    """Answer with one metric alert rule."""
    rule = call.world.metric_rules.get(as_id(call.path["alert_rule_id"]) or 0)
    if rule is None:
        raise not_found()
    return EndpointResponse(metric_rule_json(call.world, rule), headers=dict(DEPRECATION))


DASHBOARDS: Mapping[str, Handler] = {
    "dashboards.list": list_dashboards,
    "dashboards.get": get_dashboard,
    "alerts.rules": list_rules,
    "alerts.rule": get_rule,
}
