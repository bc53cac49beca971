"""One delivery in full, and its body byte by byte."""

import json

from tests.console.commands.recorded import Recorded
from vedette.events import samples
from vedette.store.server.keys import JOURNAL, delivery_key

ERROR = {"state": "dead", "error": "NotAuthorized: 401", "trace": "Traceback"}


def attempt(redis: Recorded, delivery: str, number: int) -> None:
    entry = {"kind": "ended", "delivery": delivery, "resource": "issue", "action": "created", "handler": "triage"}
    redis.client.xadd(JOURNAL, {**entry, "state": "retrying", "error": "no answer", "attempts": number, "at": 9})


def test_a_delivery_is_shown_with_everything_that_is_known(redis_of_commands: Recorded) -> None:
    delivery = redis_of_commands.record("SHOP-4K", "31", triage=ERROR)
    redis_of_commands.record("SHOP-5", "32", triage={"state": "done"})
    redis_of_commands.client.hset(delivery_key(delivery), "headers", json.dumps({"request-id": "r1"}))
    for number in (1, 2):
        attempt(redis_of_commands, delivery, number)
    attempt(redis_of_commands, "another", 7)
    shown = redis_of_commands.run("show", delivery).output
    for told in ("SHOP-4K (31)", "request-id: r1", '"action": "created"', "NotAuthorized: 401", "after attempt 2"):
        assert told in shown
    assert "after attempt 7" not in shown
    values = json.loads(redis_of_commands.run("show", delivery, "--json").output)
    assert values["body"] == samples.load("issue.created")
    assert [one["attempt"] for one in values["attempts"]] == [1, 2]
    assert values["runs"][0]["state"] == "dead"


def test_the_raw_body_is_what_a_fixture_needs(redis_of_commands: Recorded) -> None:
    delivery = redis_of_commands.record("SHOP-4K", "31", triage={"state": "done"})
    raw = redis_of_commands.run("show", delivery, "--raw").stdout_bytes
    assert raw == samples.wire(samples.load("issue.created"))


def test_a_body_that_is_no_json_is_said_and_kept_whole(redis_of_commands: Recorded) -> None:
    delivery = redis_of_commands.record("SHOP-4K", "31")
    redis_of_commands.client.hset(delivery_key(delivery), "body", b"\xff\x00")
    assert "It is no JSON" in redis_of_commands.run("show", delivery).output
    values = json.loads(redis_of_commands.run("show", delivery, "--json").output)
    assert (values["body"], values["body_base64"]) == (None, "/wA=")
    assert redis_of_commands.run("show", delivery, "--raw").stdout_bytes == b"\xff\x00"


def test_what_is_not_there_is_one_sentence(redis_of_commands: Recorded) -> None:
    ended = redis_of_commands.run("show", "nosuch")
    assert ended.exit_code == 1
    assert ended.stderr == "there is no delivery nosuch: `vedette deliveries` lists those that are kept\n"
    assert json.loads(redis_of_commands.run("show", "nosuch", "--json").stderr)["exit_code"] == 1
