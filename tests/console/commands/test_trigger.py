"""A webhook of one's own: what is sent, to which receiver, and what is said of it."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from console.instance import find_instance, noted_receiver
from console.main import app
from console.trigger.webhook_body import (
    NoWebhookBodyError,
    UnusableValueError,
    assign,
    body_of_bytes,
    body_of_sample,
    name_issue,
    wire,
)
from vedette.admin.lookup.issue_identity import IssueIdentity
from vedette.events import samples
from vedette.events.identification import identify
from vedette.settings.settings import Settings

SHOP_4K = IssueIdentity("4242", "SHOP-4K", "KeyError: total", "shop")


@pytest.mark.parametrize("sample", samples.names())
def test_a_sample_is_never_the_repetition_of_an_earlier_one(sample: str) -> None:
    resource = samples.resource_of(sample)
    first, second = (wire(body_of_sample(sample)) for _ in range(2))
    known, again = (identify(resource, body) for body in (first, second))
    assert first != second
    assert known.key != again.key
    assert known.quarantine == again.quarantine == ""
    assert known.subject == again.subject


@pytest.mark.parametrize(
    ("sample", "written", "path", "value"),
    [
        ("issue.created", "data.issue.level=fatal", ("data", "issue", "level"), "fatal"),
        ("issue.created", "level=fatal", ("data", "issue", "level"), "fatal"),
        ("issue.resolved", "shortId=SHOP-1", ("data", "issue", "shortId"), "SHOP-1"),
        ("issue.created", "data.issue.title=7", ("data", "issue", "title"), "7"),
        ("issue.created", "data.issue.title=a=b", ("data", "issue", "title"), "a=b"),
        ("comment.created", "comment=Ahoy", ("data", "comment"), "Ahoy"),
        ("comment.created", "comment_id=7", ("data", "comment_id"), 7),
        ("error.created", "data.error.tags.0.1=staging", ("data", "error", "tags", 0, 1), "staging"),
        ("issue.created", "action=resolved", ("action",), "resolved"),
    ],
)
def test_a_value_is_replaced_and_keeps_its_kind(sample: str, written: str, path: tuple[Any, ...], value: Any) -> None:
    body = body_of_sample(sample)
    assign(body, [written])
    found: Any = json.loads(wire(body))
    for step in path:
        found = found[step]
    assert found == value


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("data.issue.levl=fatal", "did you mean data.issue.level"),
        ("levl=fatal", "did you mean data.issue.level"),
        ("level", "write PATH=VALUE"),
        ("=fatal", "write PATH=VALUE"),
        ("data.issue.isBookmarked=maybe", "it is true or false there"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_what_can(written: str, told: str) -> None:
    body = body_of_sample("issue.created")
    body.payload["data"]["issue"]["isBookmarked"] = False
    with pytest.raises(UnusableValueError, match=told):
        assign(body, [written])


@given(st.text(), st.sampled_from(["issue.created", "error.created", "comment.created", "legacy_webhook"]))
def test_whatever_is_written_is_taken_or_refused(written: str, sample: str) -> None:
    body = body_of_sample(sample)
    before = json.dumps(body.payload)
    path, separator, _ = written.partition("=")
    try:
        assign(body, [written])
    except UnusableValueError:
        assert json.dumps(body.payload) == before
    else:
        assert path
        assert separator


@pytest.mark.parametrize(
    "sample", [one for one in samples.names() if one.split(".")[0] in {"issue", "comment", "seer"}]
)
def test_a_body_is_about_the_issue_that_is_named(sample: str) -> None:
    body = body_of_sample(sample)
    name_issue(body, SHOP_4K)
    assert identify(body.resource, wire(body)).issue == "4242"
    assert "6941180273" not in json.dumps(body.payload.get("data", {}).get("issue", {}))


def test_an_issue_has_its_short_id_too() -> None:
    body = body_of_sample("issue.created")
    name_issue(body, SHOP_4K)
    issue = body.payload["data"]["issue"]
    assert (issue["shortId"], issue["title"], issue["project"]["slug"]) == ("SHOP-4K", "KeyError: total", "shop")


@given(st.binary(max_size=200))
def test_bytes_that_are_no_body_are_refused(text: bytes) -> None:
    with pytest.raises(NoWebhookBodyError, match="FILE"):
        body_of_bytes("FILE", text)


def test_the_resource_of_a_file_is_recognised() -> None:
    for sample in ("issue.created", "comment.created", "error.created", "metric_alert.open"):
        found = body_of_bytes("FILE", json.dumps(samples.load(sample)).encode())
        assert found.resource == samples.resource_of(sample)


class _Answers(BaseHTTPRequestHandler):
    status = 404
    requests: list[tuple[str, bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.requests.append((self.headers["Sentry-Hook-Resource"], body))
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Write no log."""


@pytest.fixture
def other_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A server on some port, and settings with a client secret."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VEDETTE_CLIENT_SECRET", "s" * 40)
    handler: Any = type("Answers", (_Answers,), {"requests": []})
    server: Any = HTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["trigger", *arguments])


def url_of(server: Any) -> str:
    return f"http://127.0.0.1:{server.server_port}/hooks/default"


def test_a_404_of_another_server_is_told_with_a_hint(other_server: Any) -> None:
    ended = run("issue.created", "--url", url_of(other_server))
    assert ended.exit_code == 1
    assert "no webhook endpoint of Vedette is there" in ended.stderr


def test_many_are_sent_and_counted(other_server: Any) -> None:
    other_server.RequestHandlerClass.status = 202
    ended = run("issue.created", "--url", url_of(other_server), "--count", "5", "--rate", "1000")
    assert ended.exit_code == 0, ended.output
    assert "5 sent in" in ended.stdout
    assert "5 x 202" in ended.stdout
    bodies = {body for _, body in other_server.RequestHandlerClass.requests}
    assert len(bodies) == 5


def test_a_file_is_sent_as_what_it_is(other_server: Any, tmp_path: Path) -> None:
    other_server.RequestHandlerClass.status = 202
    (tmp_path / "one.json").write_text(json.dumps(samples.load("comment.created")))
    assert run("--body", "one.json", "--url", url_of(other_server), "--wait", "0s").exit_code == 0
    ((resource, body),) = other_server.RequestHandlerClass.requests
    assert resource == "comment"
    assert json.loads(body)["data"]["comment_id"] == 5520013


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "Name a sample"),
        (("isue.created",), "did you mean issue.created"),
        (("issue.created", "--from", "01"), "leave the sample and --body away"),
        (("--body", "nowhere.json"), "nowhere.json cannot be read"),
        (("isue.created", "--body", "one.json"), "there is no resource isue: did you mean issue?"),
        (("issue.created", "--set", "levl=fatal"), "did you mean data.issue.level"),
        (("issue.created", "--integration", "nope"), "there is no integration nope"),
        (("issue.created", "--wait", "soon"), "soon"),
    ],
)
@pytest.mark.usefixtures("other_server")
def test_what_cannot_be_sent_is_refused_in_one_sentence(arguments: tuple[str, ...], told: str) -> None:
    ended = run(*arguments)
    assert ended.exit_code == 2
    assert told in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.usefixtures("other_server")
def test_an_error_is_json_where_the_output_is() -> None:
    ended = run("isue.created", "--json")
    assert ended.exit_code == 2
    told = json.loads(ended.stderr)
    assert told["exit_code"] == 2
    assert "did you mean issue.created" in told["error"]


def test_a_receiver_notes_where_it_listens_while_it_runs(tmp_path: Path) -> None:
    listening = find_instance(Settings(state_dir=tmp_path, port=8999))
    asking = find_instance(Settings(state_dir=tmp_path))
    assert asking.noted_receiver_url == "http://127.0.0.1:8650"
    with noted_receiver(listening):
        assert asking.noted_receiver_url == "http://127.0.0.1:8999"
    assert asking.noted_receiver_url == "http://127.0.0.1:8650"
    (listening.state_dir / "receiver-url").write_bytes(b"\xff junk")
    assert asking.noted_receiver_url == "http://127.0.0.1:8650"
