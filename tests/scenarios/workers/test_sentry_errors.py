"""A Sentry that holds calls back, hangs or answers nonsense, seen from a real worker: no attempt counts."""

import json
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

Until = Callable[..., Any]
READER = """
from vedette import Sentry

@on("error.created", needs=("event:read",), order=False, retries=2)
async def reader(event: Event, sentry: Sentry) -> None:
    await sentry.issues.get("42")
    note("read")
"""
WHOAMI = json.dumps({"version": "0", "auth": {"scopes": ["event:read"]}, "user": {}})
ISSUE = json.dumps({"id": "42", "project": {"id": "7", "slug": "shop"}})


@contextmanager
def served(answer: Callable[[int], tuple[int, dict[str, str], str]]) -> Generator[tuple[str, list[str]]]:
    """A Sentry that answers reads of issues by their number, from 1; its address, and its requests."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = 200, dict[str, str](), WHOAMI
            if "/issues/" in self.path:
                asked.append(self.path)
                status, headers, body = answer(len(asked))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def started(site: Any, url: str, runs: int) -> list[str]:
    site.plugin(READER)
    site.variables["VEDETTE_HANDLERS__READER__GRANT__SCOPES"] = '["event:read"]'
    site.variables["VEDETTE_SENTRY_URL"] = url
    made = [site.accept(f"issue:{number}") for number in range(runs)]
    site.start()
    return made


def test_one_429_with_a_long_wait_puts_all_runs_off_and_counts_for_none(site: Any, until: Until) -> None:
    def once_refused(number: int) -> tuple[int, dict[str, str], str]:
        return (429, {"Retry-After": "600"}, "{}") if number == 1 else (200, {}, ISSUE)

    def is_put_off(delivery: str) -> bool:
        return int(site.run(delivery, "reader").get("postponed") or 0) >= 1

    with served(once_refused) as (url, asked):
        made = started(site, url, 1)
        until(lambda: is_put_off(made[0]), 40)
        made += [site.accept(f"issue:later-{number}") for number in range(7)]
        until(lambda: all(map(is_put_off, made)), 40)
        runs = [site.run(one, "reader") for one in made]
        assert {run["state"] for run in runs} == {"retrying"}
        assert {int(run["attempts"]) for run in runs} == {0}
        assert len(asked) == 1
        assert sum("calls are held back for another" in run["error"] for run in runs) == 7
        assert site.log().count("calls to sentry are held back") == 1
        # The hold ends within a minute, not after the 600 seconds that were asked for.
        (held,) = site.client.hvals("{vedette}:limit:holds")
        assert float(held) / 1e6 - time.time() < 61


@pytest.mark.parametrize("body", ["<html><title>Log in</title></html>", "[]", '{"shortId": "SHOP-1"}'])
def test_an_answer_that_makes_no_sense_is_waited_out(site: Any, until: Until, body: str) -> None:
    with served(lambda number: (200, {}, body if number <= 3 else ISSUE)) as (url, _):
        (delivery,) = started(site, url, 1)
        until(lambda: site.run(delivery, "reader").get("state") == "done", 40)
        run = site.run(delivery, "reader")
        assert (int(run["attempts"]), int(run["postponed"])) == (1, 3)
