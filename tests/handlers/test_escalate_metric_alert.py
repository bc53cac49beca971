from collections.abc import Callable
from typing import Any

from handlers.escalate_metric_alert import escalate_metric_alert
from vedette.testing import SentryWorld

Example = Callable[[str], dict[str, Any]]


def test_an_alert_and_its_end_are_told_in_one_thread(sentry_world: SentryWorld, settings_on_page: Example) -> None:
    settings = settings_on_page("escalate_metric_alert")
    told = [
        message
        for sample in ("metric_alert.critical", "metric_alert.resolved")
        for _, message in sentry_world.deliver(escalate_metric_alert, sample, settings=settings).told
    ]
    assert [(message.colour, message.title.partition(":")[0]) for message in told] == [
        ("red", "Critical"),
        ("green", "Resolved"),
    ]
    assert told[0].thread == told[1].thread != ""
    assert told[0].link
    assert told[0].fields["projects"] == "ferry-api"


def test_an_end_whose_beginning_nobody_was_told_is_not_told(sentry_world: SentryWorld) -> None:
    delivered = sentry_world.deliver(escalate_metric_alert, "metric_alert.resolved", settings={"channel": "ops"})
    assert delivered.told == ()
    assert "since none was sent before it" in delivered.did[0]


def test_warnings_and_other_projects_are_told_only_where_asked_for(sentry_world: SentryWorld) -> None:
    def told(sample: str, **settings: Any) -> int:
        given = {"channel": "ops", **settings}
        return len(sentry_world.deliver(escalate_metric_alert, sample, settings=given).told)

    assert told("metric_alert.warning") == 0
    assert told("metric_alert.warning", warnings=True) == 1
    assert told("metric_alert.critical", when="project:elsewhere") == 0
    assert told("metric_alert.critical", when="project:ferry-api") == 1
