"""`sentry.alerts`: alerts in their present form, and the monitors that feed them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from vedette.api.change import Written
from vedette.api.models import AlertFiring, AlertRule, Detector, Workflow
from vedette.api.paging import Pages
from vedette.api.resources._caller import ApiResource


class Alerts(ApiResource):
    """Workflows are what Sentry's pages call alerts, detectors what they call monitors."""

    def workflows(self, query: str | None = None, *, project: Collection[str | int] = ()) -> Pages[Workflow]:
        """List the alerts."""
        call = self._core.call("alerts.workflows", query={"query": query, "project": project})
        return Pages(self._core, Workflow, call)

    async def workflow(self, workflow: str) -> Workflow:
        """Read one alert."""
        return await self._core.read(Workflow, self._core.call("alerts.workflow", {"workflow_id": workflow}))

    def history(
        self, workflow: str, *, start: datetime | None = None, end: datetime | None = None, page_size: int | None = None
    ) -> Pages[AlertFiring]:
        """List the issues that an alert fired for, with its last firing on each; earlier ones are only counted.

        Args:
            workflow: The alert's id.
            start: The earliest firing.
            end: The latest firing.
            page_size: Issues with a call.
        """
        query = {"start": start, "end": end, "per_page": page_size}
        return Pages(self._core, AlertFiring, self._core.call("alerts.history", {"workflow_id": workflow}, query=query))

    async def create_workflow(self, name: str, **fields: Any) -> Written[Workflow]:
        """Create an alert; further fields by Sentry's names (`triggers`, `action_filters`, `detector_ids`)."""
        call = self._core.call("alerts.create_workflow", body={"name": name, **fields}, intent=f"created alert {name}")
        return await self._core.write_object(Workflow, call)

    async def update_workflow(self, workflow: str, name: str, **fields: Any) -> Written[Workflow]:
        """Change an alert; Sentry always wants its name."""
        call = self._core.call(
            "alerts.update_workflow",
            {"workflow_id": workflow},
            body={"name": name, **fields},
            intent=f"changed alert {name}",
        )
        return await self._core.write_object(Workflow, call)

    async def delete_workflow(self, workflow: str) -> Written[None]:
        """Delete an alert."""
        return await self._core.remove(
            self._core.call("alerts.delete_workflow", {"workflow_id": workflow}, intent=f"deleted alert {workflow}")
        )

    def detectors(self, query: str | None = None, *, project: Collection[str | int] = ()) -> Pages[Detector]:
        """List the monitors."""
        call = self._core.call("alerts.detectors", query={"query": query, "project": project})
        return Pages(self._core, Detector, call)

    async def detector(self, detector: str) -> Detector:
        """Read one monitor."""
        return await self._core.read(Detector, self._core.call("alerts.detector", {"detector_id": detector}))

    def rules(self, *, project: Collection[str | int] = ()) -> Pages[AlertRule]:
        """List the metric alert rules, the older form. Deprecated by Sentry: their detectors are in `detectors`."""
        return Pages(self._core, AlertRule, self._core.call("alerts.rules", query={"project": project}))

    async def rule(self, rule: str) -> AlertRule:
        """Read one metric alert rule, the older form."""
        return await self._core.read(AlertRule, self._core.call("alerts.rule", {"alert_rule_id": rule}))
