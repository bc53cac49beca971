"""Operations on alerts in their present form: workflows, and the detectors that feed them.

The older metric alert rules have been going away since May 2026, and are here to be read alone.
"""

from typing import Final

from vedette.api.operations._operation import ORGANIZATION, Operation
from vedette.api.scopes import ALERTS_READ, ALERTS_WRITE

_RULES: Final = f"{ORGANIZATION}alert-rules/"
_WORKFLOWS: Final = f"{ORGANIZATION}workflows/"
_WORKFLOW: Final = f"{ORGANIZATION}workflows/{{workflow_id}}/"

ALERTS: Final = (
    Operation(
        "alerts.workflows",
        "GET",
        _WORKFLOWS,
        ALERTS_READ,
        "List the alerts of the organization",
        answers="list",
        paginated=True,
    ),
    Operation("alerts.create_workflow", "POST", _WORKFLOWS, ALERTS_WRITE, "Create an alert", repeatable=False),
    Operation("alerts.workflow", "GET", _WORKFLOW, ALERTS_READ, "Read one alert"),
    Operation("alerts.update_workflow", "PUT", _WORKFLOW, ALERTS_WRITE, "Change an alert"),
    Operation("alerts.delete_workflow", "DELETE", _WORKFLOW, ALERTS_WRITE, "Delete an alert", answers="nothing"),
    Operation(
        "alerts.history",
        "GET",
        f"{_WORKFLOW}group-history/",
        ALERTS_READ,
        "List the issues that an alert fired for, with its last firing on each",
        answers="list",
        paginated=True,
        page_size="per_page",
        standing="experimental",
        note="The last 90 days unless start and end are given.",
    ),
    Operation(
        "alerts.detectors",
        "GET",
        f"{ORGANIZATION}detectors/",
        ALERTS_READ,
        "List the monitors of the organization",
        answers="list",
        paginated=True,
    ),
    Operation("alerts.detector", "GET", f"{ORGANIZATION}detectors/{{detector_id}}/", ALERTS_READ, "Read one monitor"),
    Operation(
        "alerts.rules",
        "GET",
        _RULES,
        ALERTS_READ,
        "List the metric alert rules of the organization, the older form",
        answers="list",
        paginated=True,
        deprecated="alerts.detectors",
    ),
    Operation(
        "alerts.rule",
        "GET",
        f"{_RULES}{{alert_rule_id}}/",
        ALERTS_READ,
        "Read one metric alert rule, the older form",
        deprecated="alerts.detector",
    ),
)
