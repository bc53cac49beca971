"""Messages to services on real sockets, and the effect of each kind of answer."""

import hashlib
import hmac
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from vedette.notify import Channels, Message, NotificationFailed, NotificationRefused, UnknownChannelError
from vedette.settings.channels import ChannelSettings

MESSAGE = Message("SHOP-1: it broke", "badly", "https://acme.sentry.io/issues/1/", {"level": "fatal"}, "red")
PATH = "/services/T000/B000/secretsecretsecret"


@pytest.fixture
async def channels(service: Any) -> AsyncIterator[Channels]:
    url = f"{service.url}{PATH}"
    bot = {"kind": "slack", "token": "xoxb-secret", "post_to": "C042", "api_url": f"{service.url}/api"}
    tables: dict[str, dict[str, Any]] = {
        "ops": {"kind": "slack", "url": url},
        "bot": bot,
        "teams": {"kind": "teams", "url": url},
        "own": {"kind": "webhook", "url": url, "secret": "0123456789abcdef", "timeout": 1.0},
    }
    found = Channels({name: ChannelSettings.model_validate(table) for name, table in tables.items()})
    yield found
    await found.aclose()


async def test_a_slack_webhook_gets_blocks(service: Any, channels: Channels) -> None:
    assert (await channels.get("ops").post(MESSAGE)).status == 200
    (body,) = service.posts
    assert body["attachments"][0]["blocks"][0]["text"]["text"] == "SHOP-1: it broke"


async def test_a_slack_bot_answers_in_the_thread_that_it_began(service: Any, channels: Channels) -> None:
    service.usual = (200, '{"ok": true, "ts": "171.1"}')
    began = await channels.get("bot").post(MESSAGE)
    assert began.reference == "171.1"
    await channels.get("bot").post(Message("over", colour="green"), after=began.reference)
    first, second = service.posts
    assert (first["channel"], "thread_ts" in first) == ("C042", False)
    assert (second["thread_ts"], second["reply_broadcast"]) == ("171.1", True)
    assert service.headers[0]["authorization"] == "Bearer xoxb-secret"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"ok": False, "error": "channel_not_found"}, NotificationRefused),
        ({"ok": False, "error": "invalid_auth"}, NotificationRefused),
        ({"ok": False, "error": "internal_error"}, NotificationFailed),
        ([], NotificationFailed),
    ],
)
async def test_what_slack_s_api_denies_with_status_200_is_an_error(
    service: Any, channels: Channels, answer: Any, error: type[Exception]
) -> None:
    service.usual = (200, json.dumps(answer))
    with pytest.raises(error, match="channel bot answered 200"):
        await channels.get("bot").post(MESSAGE)


async def test_a_teams_workflow_gets_a_card(service: Any, channels: Channels) -> None:
    service.usual = (202, "")
    assert (await channels.get("teams").post(MESSAGE)).status == 202
    (body,) = service.posts
    assert body["attachments"][0]["contentType"] == "application/vnd.microsoft.card.adaptive"


async def test_a_webhook_s_message_is_signed_and_can_be_taken_once(service: Any, channels: Channels) -> None:
    await channels.get("own").post(MESSAGE, identifier="abc")
    headers, content = service.headers[0], service.bodies[0]
    signed = f"{headers['vedette-timestamp']}.".encode() + content
    digest = hmac.new(b"0123456789abcdef", signed, hashlib.sha256).hexdigest()
    assert headers["vedette-signature"] == f"sha256={digest}"
    assert headers["vedette-message"] == "abc"
    assert service.posts[0] | {"follows": False} == {"channel": "own", **MESSAGE.to_json()}


@pytest.mark.parametrize(
    ("status", "error"),
    [
        *((status, NotificationRefused) for status in (301, 307, 400, 401, 403, 404, 410)),
        *((status, NotificationFailed) for status in (408, 429, 500, 503)),
    ],
)
async def test_each_status_is_refused_or_may_pass_and_no_text_shows_the_address(
    service: Any, channels: Channels, status: int, error: type[NotificationRefused | NotificationFailed]
) -> None:
    service.answers = [Response(f"no: {PATH} {service.url}{PATH}", status, {"Location": f"{service.url}/elsewhere"})]
    with pytest.raises(error) as raised:
        await channels.get("ops").post(MESSAGE)
    assert raised.value.retryable is (error is NotificationFailed)
    assert PATH not in f"{raised.value} {raised.value!r} {channels!r} {channels.get('ops')!r}"
    assert len(service.posts) == 1


@pytest.mark.parametrize(
    "said",
    [
        "bad /CANARYURL?key=CANARYKEY",
        "Cannot POST /%43ANARYURL",
        '{"was": "\\u0043ANARYURL"}',
        "Q0FOQVJZS0VZ",
        "CANARYUR",
    ],
)
async def test_no_form_in_which_a_service_repeats_the_address_is_shown(service: Any, said: str) -> None:
    url = f"{service.url}/CANARYURL?key=CANARYKEY"
    channels = Channels({"own": ChannelSettings.model_validate({"kind": "webhook", "url": url})})
    service.answers = [Response(said, 400)]
    with pytest.raises(NotificationRefused) as raised:
        await channels.get("own").post(MESSAGE)
    assert "400" in str(raised.value)
    assert not any(part in str(raised.value) for part in ("ANARY", "Q0FOQ"))
    await channels.aclose()


async def test_what_slack_names_a_message_by_is_a_number_or_nothing(service: Any, channels: Channels) -> None:
    for said, kept in (("1751234567.000100", "1751234567.000100"), ("xoxb-secret", ""), (7, ""), (None, "")):
        service.usual = (200, json.dumps({"ok": True, "ts": said}))
        assert (await channels.get("bot").post(MESSAGE)).reference == kept


@pytest.mark.parametrize(
    ("header", "wait"),
    [("7", 7.0), ("999999", 3600.0), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0), ("soon", None), ("", None)],
)
async def test_a_service_that_asks_for_patience_says_how_long(
    service: Any, channels: Channels, header: str, wait: float | None
) -> None:
    service.answers = [JSONResponse({}, 429, {"Retry-After": header})]
    with pytest.raises(NotificationFailed) as raised:
        await channels.get("ops").post(MESSAGE)
    assert raised.value.retry_after == wait


async def test_a_service_that_is_away_or_does_not_answer_may_come_back() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/secret"
        channels = Channels({"own": ChannelSettings.model_validate({"kind": "webhook", "url": url, "timeout": 0.2})})
        with pytest.raises(NotificationFailed) as away:
            await channels.get("own").post(MESSAGE)
        listening.listen()
        with pytest.raises(NotificationFailed) as silent:
            await channels.get("own").post(MESSAGE)
        await channels.aclose()
    assert [away.value.outcome_unknown, silent.value.outcome_unknown] == [False, True]
    assert url not in f"{away.value}{silent.value}"


def test_a_channel_that_is_not_there_is_named_with_the_nearest(channels: Channels) -> None:
    with pytest.raises(UnknownChannelError, match="there is no channel opps: did you mean ops"):
        channels.get("opps")


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"kind": "slack"}, "`url` is missing"),
        ({"kind": "slack", "token": "t"}, "`post_to` is missing"),
        ({"kind": "slack", "token": "t", "post_to": "C1", "url": "https://x.example"}, "not both"),
        ({"kind": "teams", "url": "https://x.example", "post_to": "C1"}, "`post_to` is for kind slack"),
        ({"kind": "slack", "url": "https://x.example", "secret": "0123456789abcdef"}, "`secret` is for kind webhook"),
        ({"kind": "slack", "url": "http://x.example/secret"}, "begin with https://"),
        ({"kind": "webhook", "url": "ftp://x.example/secret"}, "begins with https://"),
        ({"kind": "webhook", "url": "https://[x/secret"}, "begins with https://"),
        ({"kind": "webhook", "url_file": "nowhere"}, "url_file: nowhere cannot be read"),
        ({"kind": "mail", "url": "https://x.example"}, "'slack', 'teams' or 'webhook'"),
    ],
)
def test_a_table_that_cannot_work_is_refused_without_showing_its_address(table: dict[str, str], told: str) -> None:
    with pytest.raises(ValueError, match=told) as raised:
        ChannelSettings.model_validate(table)
    assert "x.example/secret" not in str([each["msg"] for each in raised.value.errors()])  # type: ignore[attr-defined]
