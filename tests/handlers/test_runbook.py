from collections.abc import Callable
from typing import Any

import pytest

from handlers.runbook import runbook
from vedette.plugins.handler_settings import OwnSettingsError
from vedette.testing import SentryWorld

Example = Callable[[str], dict[str, Any]]


def test_the_first_runbook_that_fits_is_the_comment_and_there_is_never_a_second(
    sentry_world: SentryWorld, settings_on_page: Example
) -> None:
    settings = settings_on_page("runbook")
    delivered = sentry_world.deliver(runbook, "issue.created", settings=settings, level="fatal", title="a timeout")
    assert delivered.error is None
    issue = sentry_world.issue
    (comment,) = issue.comments
    assert comment.text == (
        f"**Runbook** https://wiki.example/runbooks/fatal?issue={issue.short_id}\n\n"
        f"Page whoever is on duty for {issue.project.slug} before you change anything."
    )
    again = sentry_world.deliver(runbook, "issue.unresolved.regressed", settings=settings, title="a timeout")
    assert (again.did, again.audit[2:]) == (("it has its runbook already",), ())
    assert len(issue.comments) == 1


def test_an_issue_that_no_runbook_fits_costs_nothing(sentry_world: SentryWorld) -> None:
    settings = {"runbooks": [{"when": "level:fatal", "text": "Run."}]}
    delivered = sentry_world.deliver(runbook, "issue.created", settings=settings, level="info")
    assert (delivered.did, delivered.audit) == (("no runbook matches",), ())


def test_only_observed_it_says_what_it_would_have_done(sentry_world: SentryWorld) -> None:
    settings = {"runbooks": [{"text": "Run, {{ issue.title }}."}]}
    delivered = sentry_world.deliver(runbook, "issue.created", mode="observe", settings=settings)
    assert delivered.did == (f"would have commented on {sentry_world.issue.short_id}",)
    assert sentry_world.issue.comments == []


def test_what_an_issue_s_title_says_is_neither_filled_in_nor_markdown(sentry_world: SentryWorld) -> None:
    settings = {"runbooks": [{"text": "{{ issue.title }}"}]}
    sentry_world.deliver(runbook, "issue.created", settings=settings, title="{{ issue.url }} {0.__class__}")
    assert sentry_world.issue.comments[0].text.endswith(r"\{\{ issue.url \}\} \{0.\_\_class\_\_\}")


def test_its_texts_are_templates_as_those_of_rules(sentry_world: SentryWorld) -> None:
    text = "{% if issue.level == 'fatal' %}{{ issue.project | upper }}{% endif %}: {{ event.name }}, {{ rule.name }}"
    sentry_world.deliver(runbook, "issue.created", settings={"runbooks": [{"text": text}]}, level="fatal")
    (comment,) = sentry_world.issue.comments
    project = sentry_world.issue.project.slug.upper()
    assert comment.text == f"**Runbook**\n\n{project}: issue.created, runbook"


@pytest.mark.parametrize(
    ("one", "told"),
    [
        ({"when": "level:", "text": "x"}, "level"),
        ({"text": "{{ issue.titel }}"}, "issue.title"),
        ({"text": "{{ title }}"}, "issue"),
        ({"text": "{% for x in issue %}{% endfor %}"}, "without for"),
        ({}, "give `text` or `url`"),
        ({"text": "x", "whem": "level:fatal"}, "whem"),
    ],
)
def test_what_cannot_work_is_told_when_it_is_loaded(sentry_world: SentryWorld, one: dict[str, str], told: str) -> None:
    with pytest.raises(OwnSettingsError, match=told):
        sentry_world.deliver(runbook, "issue.created", settings={"runbooks": [one]})
