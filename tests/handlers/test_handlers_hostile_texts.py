"""Whatever an event says, comments, trackers' items and messages to channels say it without any effect."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from markdown_it import MarkdownIt

from handlers.link_issue import link_issue
from handlers.notify import notify
from handlers.runbook import runbook
from handlers.triage import triage
from tests.hostile_texts import HOSTILE_TEXTS
from vedette._core.printable import encodable, printable
from vedette.authoring.decorators import HandlerFunction
from vedette.events import samples
from vedette.notify import Message, slack, teams, webhook
from vedette.simulator import Actor, ErrorReport, record_error
from vedette.simulator.webhooks.webhook import Webhook
from vedette.simulator.world import builders, comments, transitions
from vedette.simulator.world.issues import Issue
from vedette.simulator.world.people import Assignee
from vedette.testing import Delivered, SentryWorld

RULES = """
[[rule]]
name = "all"
on = "issue.created"
then = [
  { comment = "On call: {{ issue.title }}, {{ event.title }}, {{ event.actor }}, [page]({{ event.title }})" },
  { link = "https://tickets.example/{{ issue.title }}", identifier = "{{ issue.title }}" },
  { notify = "ops", title = "{{ issue.title }}", text = "{{ event.title }} in {{ issue.culprit }}" },
]
"""
TAGS_AND_PEOPLE = """
[[rule]]
name = "tags"
on = "error.created"
then = [
  { comment = "{{ event.tags.page }}, {{ event.tags.user }}, [page]({{ event.tags.page }}), of all: {{ event.tags }}" },
  { link = "https://tickets.example/{{ event.tags.page }}", project = "{{ event.tags }}", identifier = "x" },
  { notify = "ops", title = "{{ event.tags.page }}", text = "{{ event.tags.user }} of {{ event.tags }}" },
]

[[rule]]
name = "people"
on = "comment.created"
then = [
  { comment = "{{ event.actor }} wrote to {{ issue.assignee }}, [them]({{ event.actor }})" },
  { notify = "ops", title = "{{ event.actor }}", text = "{{ issue.assignee }}" },
]
"""
ALLOWED = {"paragraph_open", "paragraph_close", "inline", "text", "text_special", "strong_open", "strong_close"}
"""What the author's own part of the texts is made of, links to Sentry aside."""


@pytest.fixture(autouse=True)
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEDETTE_CONFIG", str(tmp_path / "vedette.toml"))
    (tmp_path / "triage.toml").write_text(RULES)


def deliver(
    world: SentryWorld, handler: HandlerFunction, text: str, settings: dict[str, Any] | None = None
) -> Delivered:
    issue, (integration,) = world.issue, [one for one in world.world.integrations.values() if one.client_secret]
    integration.installation = samples.load("issue.created")["installation"]["uuid"]
    # Sentry itself keeps no half of a surrogate pair, though a webhook may hold one.
    kept = encodable(text)
    issue.report = replace(issue.report, type="", value=kept, filename=kept, transaction=kept)
    overrides: dict[str, Any] = {"title": text, "culprit": text, "metadata": {"value": text, "filename": text}}
    overrides |= {"assignedTo": {"type": "user", "id": "7", "name": text}, "actor__name": text}
    return world.deliver(handler, "issue.created", settings=settings, level="fatal", **overrides)


def assert_inert(markdown: str) -> None:
    """A parser finds nothing but the author's own Markdown, and no tracker a mention or reference."""
    markdown.encode("utf-8")
    links = 0
    assert printable(markdown.replace("\u2060", ""), multiline=True) == markdown.replace("\u2060", "")
    for token in MarkdownIt("gfm-like", {"linkify": False, "html": True}).parse(markdown):
        for each in (token, *(token.children or ())):
            if each.type == "link_open":
                links += 1
                assert re.match(r"https?://|#|[^:/]*$", str(each.attrs["href"]))
            else:
                assert each.type in ALLOWED | {"link_close"}, markdown
    # An address is one where the author makes a link of it, and nowhere else.
    markdown, own = re.subn(r"\[(page|them)\]\([^)]*\)", "", markdown)
    assert links <= own
    assert not re.search(r"@\w|(?<![\w/])#\d|\w://evil|(?<!/)www\.evil", markdown)


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_what_comments_items_and_channels_say_is_inert(sentry_world: SentryWorld, text: str) -> None:
    _rules(sentry_world, text)
    _tracker_and_runbook(sentry_world, text)
    delivered = deliver(sentry_world, notify, text, {"send": [{"to": "ops"}]})
    assert delivered.error is None
    ((_, message),) = delivered.told
    assert_message_is_inert(message)


def _rules(world: SentryWorld, text: str) -> None:
    delivered = deliver(world, triage, text)
    assert delivered.error is None
    assert_inert(world.issue.comments[-1].text)
    (link,) = world.issue.links
    assert re.fullmatch(r"https://tickets\.example/[\w.~%/-]*", link["webUrl"])
    assert delivered.told
    for _, message in delivered.told:
        assert_message_is_inert(message)
    for sentence in delivered.did:
        assert printable(sentence) == sentence


def _tracker_and_runbook(world: SentryWorld, text: str) -> None:
    description = (
        "{{ issue.url }}\n\nIn {{ issue.culprit }}: {{ issue.title }}, {{ issue.assignee }}, {{ event.actor }}"
    )
    settings = {"when": "level:fatal", "integration": "77", "description": description}
    item = deliver(world, link_issue, text, settings)
    assert item.error is None
    body = item.audit[0].facts["after"]
    assert printable(body["title"]) == body["title"]
    assert_inert(body["description"])
    books = {
        "runbooks": [
            {"url": "https://wiki.example/{{ issue.culprit }}", "text": "**{{ issue.title }}** {{ issue.assignee }}"}
        ]
    }
    assert deliver(world, runbook, text, books).error is None
    assert_inert(next(each.text for each in world.issue.comments if each.text.startswith("**Runbook**")))


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_tags_and_names_of_people_are_inert(sentry_world: SentryWorld, tmp_path: Path, text: str) -> None:
    (tmp_path / "triage.toml").write_text(TAGS_AND_PEOPLE)
    issue, webhooks = _happening(sentry_world, text)
    delivered = [_delivered(sentry_world, each, tmp_path, text) for each in webhooks]
    said = [each.text for each in issue.comments if each.actor.integration is not None]
    told = [message for each in delivered for _, message in each.told]
    assert (len(said), len(told)) == (2, 2)
    for comment in said:
        assert_inert(comment)
    for message in told:
        assert_message_is_inert(message)
    (link,) = issue.links
    assert re.fullmatch(r"https://tickets\.example/[\w.~%/-]*", link["webUrl"])
    assert printable(link["displayName"]) == link["displayName"]


def _happening(world: SentryWorld, text: str) -> tuple[Issue, list[Webhook]]:
    """Let an error happen whose tags and user are such a text, and members of that name work on it."""
    kept, project = encodable(text), next(iter(world.world.project_by_slug.values()))
    person = builders.add_member(world.world, "ann@shop.example", kept).user
    assert person is not None
    heard: list[Webhook] = []
    world.world.listeners.append(heard.append)
    tags = (("page", kept), (kept, kept), (f"<b>{kept}", "x"))
    event = record_error(world.world, project, ErrorReport("Odd", "odd", user=kept, tags=tags, fingerprint="tags"))
    assert event is not None
    transitions.assign(world.world, event.issue, Actor(person), Assignee(person))
    comments.comment(world.world, event.issue, Actor(person), "seen")
    world.world.listeners.clear()
    return event.issue, [each for each in heard if each.resource in {"error", "comment"}]


def _delivered(world: SentryWorld, webhook: Webhook, folder: Path, text: str) -> Delivered:
    (receiving,) = [one for one in world.world.integrations.values() if one.client_secret]
    body = folder / "body.json"
    kept, sent = (json.dumps(each)[1:-1].encode() for each in (encodable(text), text))
    body.write_bytes(webhook.body(receiving).replace(kept, sent))
    delivered = world.deliver(triage, body, resource=webhook.resource)
    assert delivered.error is None
    for sentence in delivered.did:
        assert printable(sentence) == sentence
    return delivered


def assert_message_is_inert(message: Message) -> None:
    """Each service takes a message in which no text is markup, a call to people, or invisible."""
    for body in (slack.body_of(message), teams.body_of(message), webhook.body_of(message, "ops")):
        text = json.dumps(body, ensure_ascii=False)
        text.encode("utf-8")
        for string in _strings(body):
            assert printable(string, multiline=True) == string
            assert len(string) <= 20_000
    for markup in _markups(slack.body_of(message)):
        assert "<!" not in markup
        assert "<@" not in markup
        for link in re.findall("<[^>]*>", markup):
            assert re.fullmatch(r"<https?://[^|]*>|<https?://[^<>|]*\|Open>", link)
    card = teams.body_of(message)["attachments"][0]["content"]
    assert all(element["type"] == "RichTextBlock" for element in card["body"])


def _markups(body: dict[str, Any]) -> list[str]:
    """What Slack reads as its markup: all but the header, which is plain text to it."""
    blocks = body["attachments"][0]["blocks"]
    texts = [text for block in blocks for text in (block.get("text"), *block.get("fields", ())) if text is not None]
    return [body["text"], *(text["text"] for text in texts if text["type"] == "mrkdwn")]


def _strings(value: object) -> list[str]:
    if isinstance(value, dict):
        table = cast("dict[str, object]", value)
        return [each for key, item in table.items() for each in (key, *_strings(item))]
    if isinstance(value, list):
        return [each for item in cast("list[object]", value) for each in _strings(item)]
    return [value] if isinstance(value, str) else []
