"""What each service is sent: bounded, and with nothing in a title that could become markup."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.notify import Message, slack, teams
from vedette.notify.http_post import to_bytes
from vedette.notify.message import message_of

HOSTILE = "<!channel> *now* <https://evil.example|click> @here #general & [x](https://evil.example) <at>all</at>"
TEXTS = st.text(max_size=40) | st.sampled_from([HOSTILE, "&" * 5000, "é" * 9000, "\U0001f6a8" * 9000, "\ud800"])
MESSAGES = st.builds(
    Message,
    title=TEXTS,
    text=TEXTS,
    url=st.none() | TEXTS | st.just("https://acme.sentry.io/issues/1/?a=b&c=d"),
    fields=st.dictionaries(TEXTS, TEXTS, max_size=12),
    colour=st.sampled_from(["grey", "green", "yellow", "red"]),
)


def every_text(value: Any) -> list[dict[str, Any]]:
    """Every text object of a Slack message."""
    if isinstance(value, list):
        return [found for each in value for found in every_text(each)]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, dict):
        own = [value] if value.get("type") in {"mrkdwn", "plain_text"} else []  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        return own + [found for each in value.values() for found in every_text(each)]  # pyright: ignore[reportUnknownVariableType]
    return []


@settings(max_examples=40, deadline=None)
@given(MESSAGES)
def test_slack_gets_no_more_than_it_takes_and_no_markup_that_the_message_made(message: Message) -> None:
    body = slack.body_of(message)
    (attachment,) = body["attachments"]
    assert "<" not in body["text"]
    for block in attachment["blocks"]:
        assert len(block.get("fields", [])) <= slack.FIELDS
        for text in every_text(block):
            assert len(text["text"]) <= (slack.HEADER if text["type"] == "plain_text" else slack.SECTION)
            assert text["type"] == "plain_text" or text["verbatim"] is True
            opened = [each for each in text["text"].split("<")[1:] if not each.startswith("http")]
            assert text["type"] == "plain_text" or opened == []
    to_bytes(body)


@settings(max_examples=40, deadline=None)
@given(MESSAGES)
def test_teams_gets_no_more_than_it_takes_and_no_text_that_it_reads_as_markdown(message: Message) -> None:
    body = teams.body_of(message)
    assert len(to_bytes(body)) <= teams.MESSAGE
    card = body["attachments"][0]["content"]
    assert {element["type"] for element in card["body"]} == {"RichTextBlock"}
    assert "entities" not in card["msteams"]
    assert all(action["url"].startswith(("http://", "https://")) for action in card["actions"])


@settings(max_examples=40, deadline=None)
@given(MESSAGES)
def test_a_message_survives_being_written_down(message: Message) -> None:
    written = message.to_json()
    assert message_of(json.loads(json.dumps(written))).to_json() == written | {"url": written["url"]}


def test_a_mention_in_a_title_is_just_text() -> None:
    body = slack.body_of(Message(HOSTILE, HOSTILE, fields={"culprit": HOSTILE}))
    assert body["text"].startswith("&lt;!channel&gt;")
    _, section, fields = body["attachments"][0]["blocks"]
    assert section["text"]["text"].startswith("&lt;!channel&gt; *now* &lt;<https://evil.example>")
    assert "&lt;!channel&gt;" in fields["fields"][0]["text"]


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("javascript:alert(1)", ""),
        ("https://[::1", ""),
        (None, ""),
        ("https://a.example/?q=<!here>|x", "https://a.example/?q=%3C!here%3E%7Cx"),
    ],
)
def test_only_addresses_of_the_web_become_links(url: str | None, link: str) -> None:
    assert Message("title", url=url).link == link


def test_a_message_that_says_nothing_says_so_and_a_colour_that_does_not_exist_is_refused() -> None:
    assert Message(" \n ").headline == "(no title)"
    with pytest.raises(ValueError, match="grey, green, yellow, red"):
        Message("title", colour="blue")  # pyright: ignore[reportArgumentType]
