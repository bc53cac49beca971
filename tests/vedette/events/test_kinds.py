"""What handlers can ask of each kind."""

from datetime import UTC, datetime

import pytest

from vedette.events import (
    ActivityAlertEvent,
    CommentEvent,
    ErrorEvent,
    Event,
    EventAlertEvent,
    GenericEvent,
    InstallationEvent,
    IssueEvent,
    LegacyWebhookEvent,
    MetricAlertEvent,
    PreprodArtifactEvent,
    SeerEvent,
    ServiceHookEvent,
    parse,
    samples,
)

ISSUE = "6941180273"
PROJECT = "4508811229167616"
INSTALLATION = "5f0c7f3e-9a41-4d7e-8a55-3c8e0d1b6a92"
TITLE = "TideTableError: no slack water window for berth 7"


def sample(name: str, **overrides: object) -> Event:
    return parse(samples.resource_of(name), samples.build(name, **overrides))


def test_an_issue_event_carries_the_whole_issue() -> None:
    event = sample("issue.assigned.to_user")
    assert isinstance(event, IssueEvent)
    issue = event.issue
    assert (issue.id, issue.short_id, issue.title) == (ISSUE, "FERRY-API-4K", TITLE)
    assert (issue.project.id, issue.project.slug) == (PROJECT, "ferry-api")
    assert issue.assigned_to is not None
    assert (issue.assigned_to.name, issue.assigned_to.is_user) == ("Jun Takahashi", True)
    assert event.assignee is not None
    assert (event.assignee.id, event.assignee.is_team) == ("3141592", False)
    assert issue.count == 37
    assert issue.first_seen == datetime(2026, 10, 4, 6, 12, 9, 184000, tzinfo=UTC)
    assert (issue.priority, issue.issue_category, issue.metadata.type) == ("high", "error", "TideTableError")
    assert (issue.is_ongoing, issue.is_new, issue.is_archived, issue.is_resolved) == (True, False, False, False)


def test_the_common_questions_about_an_issue() -> None:
    event = sample("issue.created")
    assert (event.issue_id, event.short_id, event.title, event.level) == (ISSUE, "FERRY-API-4K", TITLE, "error")
    assert event.web_url == f"https://harborline.sentry.io/issues/{ISSUE}/"
    assert event.installation == INSTALLATION
    assert (event.release, event.environment, event.tags) == (None, None, {})
    assert (event.organization_slug, event.organization_id) == (None, None)


def test_regression_and_escalation_arrive_as_unresolved() -> None:
    regressed = sample("issue.unresolved.regressed")
    assert isinstance(regressed, IssueEvent)
    assert (regressed.name, regressed.issue.is_regressed) == ("issue.unresolved", True)
    escalating = sample("issue.unresolved", data__issue__substatus="escalating")
    assert isinstance(escalating, IssueEvent)
    assert (escalating.issue.is_escalating, escalating.issue.is_regressed) == (True, False)


def test_conditions_of_resolving_and_archiving_are_typed() -> None:
    archived = sample("issue.ignored")
    assert isinstance(archived, IssueEvent)
    details = archived.issue.status_details
    assert (details.ignore_count, details.ignore_window, archived.issue.is_archived) == (500, 1440, True)
    resolved = sample("issue.resolved")
    assert isinstance(resolved, IssueEvent)
    assert resolved.issue.status_details.in_next_release is True
    assert resolved.resolution_type == "in_next_release"
    assert resolved.issue.is_resolved


@pytest.mark.parametrize("action", ["ignored", "archived"])
def test_ignored_and_archived_are_one_event(action: str) -> None:
    event = sample("issue.archived", action=action)
    assert event.action == action
    assert event.name == "issue.archived"
    assert event.names == ("issue.archived", "issue.ignored")


def test_links_of_older_servers_fall_back_to_the_permalink() -> None:
    payload = samples.load("issue.resolved")
    del payload["data"]["issue"]["web_url"]
    assert parse("issue", payload).web_url == f"https://harborline.sentry.io/issues/{ISSUE}/"
    payload["data"]["issue"]["permalink"] = None
    assert parse("issue", payload).web_url is None


def test_an_error_event_carries_typed_exceptions_and_free_objects() -> None:
    event = sample("error.created")
    assert isinstance(event, ErrorEvent)
    [exception] = event.error.exceptions
    assert (exception.type, exception.module) == ("TideTableError", "ferry.schedule.tides")
    assert exception.value == "no slack water window for berth 7"
    assert [frame.function for frame in exception.in_app_frames] == ["list_windows", "next_window"]
    assert exception.frames[-1].lineno == 131
    assert exception.is_handled is False
    assert event.error.culprit == "ferry.schedule.tides in next_window"
    assert event.error.tags["server_name"] == "berth-7-api-2"
    assert event.error.user["id"] == "pilot-551"
    assert event.error.request["method"] == "GET"
    assert event.error.contexts["runtime"]["name"] == "CPython"
    assert event.error.breadcrumbs[0]["category"] == "httplib"
    assert event.error.datetime == datetime(2026, 10, 4, 6, 12, 9, 184000, tzinfo=UTC)
    assert (event.error.model_extra or {})["version"] == "7"


def test_the_common_questions_about_an_error() -> None:
    event = sample("error.created")
    assert (event.issue_id, event.title, event.level) == (ISSUE, TITLE, "error")
    assert (event.project.id, event.project.slug) == (PROJECT, None)
    assert (event.release, event.environment) == ("ferry-api@4.18.1", "harbour-prod")
    assert event.tags["runtime"] == "CPython 3.12.6"
    assert event.web_url is not None
    assert event.web_url.endswith("/events/7d0f4b1e2c8a4f6f9a3b5c2d1e0f8a97/")


def test_the_environment_of_an_error_may_stand_in_its_tags_alone() -> None:
    payload = samples.load("error.created")
    del payload["data"]["error"]["environment"]
    assert parse("error", payload).environment == "harbour-prod"


def test_an_issue_alert_says_which_rule_fired_and_what_was_set() -> None:
    event = sample("event_alert.triggered.with_settings")
    assert isinstance(event, EventAlertEvent)
    assert event.triggered_rule == "Berth errors \u2192 on-call"
    assert event.settings == {"queue": "berth-ops", "severity": "sev2"}
    assert not event.is_test
    plain = sample("event_alert.triggered")
    assert isinstance(plain, EventAlertEvent)
    assert (plain.settings, plain.data.issue_alert) == ({}, None)


def test_a_test_notification_is_recognised_where_it_can_be() -> None:
    event = sample("event_alert.triggered.with_settings", data__issue_alert__id=-1)
    assert isinstance(event, EventAlertEvent)
    assert event.is_test


def test_feedback_arrives_as_an_occurrence() -> None:
    event = sample("event_alert.triggered.occurrence", data__event__title=None)
    assert isinstance(event, EventAlertEvent)
    assert event.event.occurrence is not None
    assert event.event.occurrence.type == 6001
    assert event.event.occurrence.evidence_data["contactEmail"] == "mate@harborline.example"
    assert (event.title, event.level, event.issue_id) == ("User Feedback", "info", "6941994410")


def test_an_activity_alert_says_what_happened() -> None:
    event = sample("activity_alert.triggered.status_resolved")
    assert isinstance(event, ActivityAlertEvent)
    assert event.activity.type == "status_resolved"
    assert event.activity.details["user"]["username"] == "ines"
    assert (event.alert.id, event.settings) == ("55120", {})
    assert (event.issue_id, event.project.slug, event.actor.is_sentry) == (ISSUE, "ferry-api", True)
    assert isinstance(set_up := sample("activity_alert.triggered"), ActivityAlertEvent)
    assert set_up.settings == {"queue": "berth-ops"}


def test_the_first_activity_alerts_wrote_links_in_camel_case() -> None:
    payload = samples.load("activity_alert.triggered")
    issue = payload["data"]["issue"]
    issue["webUrl"] = issue.pop("web_url")
    assert parse("activity_alert", payload).web_url == issue["webUrl"]


def test_a_metric_alert_knows_its_rule_and_organization() -> None:
    event = sample("metric_alert.critical")
    assert isinstance(event, MetricAlertEvent)
    assert (event.metric_alert.id, event.alert_rule.id) == ("381155", "412907")
    assert [trigger.alert_threshold for trigger in event.alert_rule.triggers] == [250.0, 120.0]
    assert event.settings == {"queue": "berth-ops"}
    assert event.data.description_text == "412 events in the last 10 minutes"
    assert (event.title, event.environment) == ("Window endpoint error volume", "harbour-prod")
    assert (event.organization_id, event.organization_slug) == ("4508811220385792", None)
    assert (event.project.slug, event.project_slugs, event.issue_id) == ("ferry-api", ["ferry-api"], None)


def test_a_metric_alert_over_several_projects_belongs_to_none() -> None:
    event = sample("metric_alert.critical", data__metric_alert__projects=["ferry-api", "deckhand-ios"])
    assert event.project.slug is None


def test_a_comment_knows_its_issue_and_author() -> None:
    event = sample("comment.created")
    assert isinstance(event, CommentEvent)
    assert (event.comment_id, event.issue_id, event.project.slug) == ("5520013", ISSUE, "ferry-api")
    assert event.comment is not None
    assert event.comment.startswith("Reproduced on berth 7")
    assert (event.actor.id, event.actor.is_user) == ("2718281", True)
    assert event.data.timestamp == datetime(2026, 10, 4, 10, 15, 42, 550913, tzinfo=UTC)


def test_an_installation_names_its_organization() -> None:
    event = sample("installation.created")
    assert isinstance(event, InstallationEvent)
    assert (event.organization_slug, event.organization_id) == ("harborline", "4508811220385792")
    assert event.status == "pending"
    assert event.data.installation.app.sentry_app_id == "91827"
    assert event.data.installation.code is not None
    assert event.data.installation.code.get_secret_value().startswith("b1946ac9")


def test_seer_events_read_alike_in_both_shapes() -> None:
    current, older = sample("seer.root_cause_completed"), sample("seer.root_cause_completed.older_shape")
    assert isinstance(current, SeerEvent)
    assert isinstance(older, SeerEvent)
    assert (current.run_id, current.issue_id) == (older.run_id, older.issue_id) == ("3390211", ISSUE)
    assert current.summary is not None
    assert current.summary.startswith("The tide feed client")
    assert older.summary == "Feed client maps 204 to an empty list."


def test_seer_names_its_pull_requests() -> None:
    event = sample("seer.iteration_completed")
    assert isinstance(event, SeerEvent)
    assert event.pull_request_urls == ["https://github.com/harborline/ferry-api/pull/1184"]
    assert event.data.iteration_index == 2


def test_a_completed_build_may_have_failed() -> None:
    failed = sample("preprod_artifact.size_analysis_completed.failed")
    assert isinstance(failed, PreprodArtifactEvent)
    assert (failed.is_failed, failed.data.error_code) == (True, "NO_QUOTA")
    fine = sample("preprod_artifact.build_distribution_completed")
    assert isinstance(fine, PreprodArtifactEvent)
    assert (fine.is_failed, fine.data.is_installable, fine.project.id) == (False, True, "4508811233296384")
    assert (fine.organization_slug, fine.title, fine.build_id) == ("harborline", "Deckhand", "770418")


def test_a_service_hook_has_no_envelope() -> None:
    event = sample("service_hook.event_alert")
    assert isinstance(event, ServiceHookEvent)
    assert (event.name, event.action, event.installation, event.actor.type) == ("service_hook", "", None, None)
    assert (event.issue_id, event.short_id, event.title) == (ISSUE, "FERRY-API-4K", TITLE)
    assert (event.project.id, event.project.slug, event.project.name) == (PROJECT, "ferry-api", "Ferry API")
    assert event.event.exceptions[0].type == "TideTableError"
    assert event.tags == {"level": "error"}


def test_a_legacy_webhook_reads_like_an_issue_alert() -> None:
    event = sample("legacy_webhook")
    assert isinstance(event, LegacyWebhookEvent)
    assert (event.name, event.installation) == ("legacy_webhook", None)
    assert (event.issue_id, event.triggered_rule) == (ISSUE, "Berth errors \u2192 on-call")
    assert (event.project.id, event.project.slug, event.project.name) == (PROJECT, "ferry-api", "Ferry API")
    assert event.event.exceptions[0].type == "TideTableError"
    assert (event.level, event.environment) == ("error", "harbour-prod")


def test_an_unknown_resource_is_a_generic_event() -> None:
    payload = samples.load("issue.created") | {"data": {"weather": {"wind": 7}}}
    event = parse("forecast", payload)
    assert isinstance(event, GenericEvent)
    assert (event.name, event.data, event.installation) == ("forecast.created", {"weather": {"wind": 7}}, INSTALLATION)
    assert (event.subject, event.deduplication_key, event.issue_id) == (None, None, None)


def test_an_unknown_action_stays_an_event_of_its_resource() -> None:
    event = sample("issue.created", action="merged")
    assert isinstance(event, IssueEvent)
    assert (event.name, event.names) == ("issue.merged", ("issue.merged",))


def test_who_acted() -> None:
    sentry, person = sample("issue.created").actor, sample("issue.assigned").actor
    assert (sentry.is_sentry, sentry.is_integration, sentry.is_user) == (True, False, False)
    assert (person.is_sentry, person.is_integration, person.is_user) == (False, False, True)
    integration = sample("issue.resolved.by_own_app").actor
    assert (integration.is_sentry, integration.is_integration, integration.is_user) == (False, True, False)


def test_nothing_personal_or_secret_is_printed() -> None:
    installed, error = sample("installation.created"), sample("error.created")
    comment = sample("comment.created")
    printed = "".join(
        repr(value) + str(value) for value in (installed, installed.data, error, error.data, comment.data)
    )
    assert "b1946ac92492d234" not in printed
    assert "203.0.113.77" not in printed
    assert "Reproduced on berth" not in printed
    assert "«Öst»" not in printed
    assert repr(error) == f"<ErrorEvent error.created issue:{ISSUE}>"
