"""Runs of a real worker while a stub refuses its token: they wait, keep their rules, and go on.

With VEDETTE_FULL=1 a delivery that waits to be decided is followed to its end.
"""

import json
import os
import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from vedette.events import samples

Until = Callable[..., Any]
IN_FULL = os.environ.get("VEDETTE_FULL") == "1"
READER = """
from vedette import Sentry

@on("error.created", needs=("event:read",), order=False, retries=1)
async def reader(event: Event, ctx: Context, sentry: Sentry) -> None:
    note(f"began {ctx.attempt}")
    try:
        await sentry.issues.get("42")
    except Exception as error:
        note(type(error).__name__)
        raise RuntimeError("could not be read") from error
    note("read")

@on("error.created", order=False)
async def plain(event: Event) -> None:
    note("plain")
"""
ISSUE = {"id": "42", "project": {"id": "7", "slug": "shop"}}
PROJECT = {"id": "4508811229167616", "slug": "shop"}
WHOAMI = {"version": "0", "auth": {"scopes": ["event:read"]}, "user": {}}


@dataclass
class Stub:
    """A Sentry that answers a valid token, and refuses it while `refuses` is set."""

    url: str = ""
    refuses: bool = True
    asked: list[str] = field(default_factory=list[str])

    def answer(self, path: str) -> tuple[int, object]:
        self.asked.append(path)
        if self.refuses:
            return 401, {"detail": "Token expired"}
        return 200, ISSUE if "/issues/" in path else PROJECT if "/projects/" in path else WHOAMI

    def reads(self) -> int:
        return sum("/issues/" in path for path in self.asked)


@contextmanager
def served() -> Generator[Stub]:
    stub = Stub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, value = stub.answer(self.path)
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        stub.url = f"http://127.0.0.1:{server.server_port}"
        yield stub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _prepare(site: Any, stub: Stub) -> None:
    site.plugin(READER)
    site.variables |= {"VEDETTE_HANDLERS__READER__GRANT__SCOPES": '["event:read"]', "VEDETTE_SENTRY_URL": stub.url}


def test_runs_wait_for_an_expired_token_and_go_on_when_sentry_takes_it_again(site: Any, until: Until) -> None:
    with served() as stub:
        _prepare(site, stub)
        made = [site.accept(f"issue:{number}") for number in range(12)]
        site.start()
        until(lambda: site.states("reader") == {"waiting": 12} and site.states("plain") == {"done": 12}, 40)
        reads = stub.reads()
        assert reads <= 8
        assert {site.run(one, "reader")["attempts"] for one in made} == {"0"}
        assert site.run(made[0], "reader")["reason"] == "Sentry refuses the token of default"
        assert site.client.zcard("{vedette}:dead") == 0
        (alarm,) = map(json.loads, site.client.hvals("{vedette}:alarms"))
        assert "401 Token expired" in alarm["sentence"]
        later = site.accept("issue:later")
        until(lambda: site.run(later, "reader").get("state") == "waiting")
        assert stub.reads() == reads
        stub.refuses = False
        # By the probe of the worker itself, 5 to 10 seconds after the refusal.
        until(lambda: site.states("reader") == {"done": 13}, 40)
        assert {site.run(one, "reader")["attempts"] for one in made} == {"1"}
        until(lambda: not site.client.exists("{vedette}:alarms"))
        assert site.notes().count("read") == 13
        assert set(site.notes()) == {"began 1", "TokenRefused", "read", "plain"}


def test_a_worker_that_is_killed_with_a_run_under_way_counts_the_crash_and_no_attempt_is_lost(
    site: Any, until: Until
) -> None:
    with served() as stub:
        _prepare(site, stub)
        stub.refuses = False
        site.plugin(
            READER.replace('note(f"began', 'await asyncio.sleep(0 if os.path.exists("go") else 60); note(f"began')
        )
        delivery = site.accept()
        first = site.start()
        until(lambda: site.run(delivery, "reader").get("state") == "running", 40)
        stub.refuses = True
        site.end(first, signal.SIGKILL)
        (site.folder / "go").touch()
        other = site.accept("issue:other")
        second = site.start()
        until(lambda: site.run(other, "reader").get("state") == "waiting", 40)
        until(lambda: site.run(delivery, "reader").get("state") == "waiting", 40)
        assert site.run(delivery, "reader")["crashes"] == "1"
        site.end(second, signal.SIGTERM)
        stub.refuses = False
        site.variables["VEDETTE_TOKEN"] = "sntryi_" + "b" * 64
        site.start()
        until(lambda: site.states("reader") == {"done": 2}, 40)
        assert site.notes().count("read") == 2


LOOKED_UP = """
from vedette import Sentry

@on("error.created")
async def choosy(event: Event) -> None:
    note("chosen")
"""


def test_a_delivery_that_needs_sentry_to_be_decided_waits_too(site: Any, until: Until) -> None:
    # Without its URL the event has its project's id alone, and the slug has to be looked up.
    body = json.loads(samples.wire(samples.load("error.created")))
    del body["data"]["error"]["url"]
    with served() as stub:
        site.plugin(LOOKED_UP)
        site.variables |= {"VEDETTE_SENTRY_URL": stub.url, "VEDETTE_HANDLERS__CHOOSY__PROJECTS": '["shop"]'}
        delivery = site.accept(body=json.dumps(body).encode())
        site.start()
        until(lambda: site.client.hlen("{vedette}:refused_tokens") == 1, 40)
        until(lambda: site.client.zcard("{vedette}:schedule") >= 1, 40)
        fields = site.client.hgetall(f"{{vedette}}:delivery:{delivery}")
        assert (fields["state"], "runs" in fields) == ("accepted", False)
        stub.refuses = False
        if IN_FULL:
            # Looked at again 12 to 18 seconds later.
            until(lambda: site.notes() == ["chosen"], 60)
