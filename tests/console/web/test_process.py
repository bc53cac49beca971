"""The console as a process: under `vedette up`, with a link that signs in, and an end that keeps no browser waiting."""

import re
import signal
from typing import Any

import httpx2

from tests.scenarios.conftest import PATIENCE, eventually, free_port

GRACE = 20
"""Seconds after which a process that does not end is taken for stuck, on a busy machine."""


def sign_in(http: httpx2.Client, link: str) -> None:
    base, _, _ = link.partition("/in/")
    http.cookies.clear()
    answer = http.post(link, headers={"Origin": base})
    assert answer.status_code == 303, answer.text


def test_up_starts_it_and_prints_a_link_that_signs_in(vedette: Any) -> None:
    vedette.variables["VEDETTE_CONSOLE__PORT"] = str(free_port())
    up = vedette.start("up", "--console")
    line = up.wait_for("/in/", patience=2 * PATIENCE)
    found = re.search(r"http://\S+/in/[\w-]+", line)
    assert found is not None
    with httpx2.Client(trust_env=False, timeout=60) as http:
        sign_in(http, found[0])
        base = found[0].partition("/in/")[0]
        eventually(lambda: "CHECKOUT" in http.get(f"{base}/?show=everything").text or "acted" in http.get(base).text)
        viewer = vedette.run("console", "link", "--role", "viewer", "--name", "kim").strip()
        assert viewer.startswith(base)
        sign_in(http, viewer)
        page = http.get(f"{base}/me")
        assert "kim" in page.text
        assert http.post(f"{base}/pause", headers={"Origin": base}).status_code == 403
        with http.stream("GET", f"{base}/stream") as stream:
            lines = stream.iter_lines()
            assert "event: hello" in [next(lines) for _ in range(3)]
            up.process.send_signal(signal.SIGTERM)
            assert "event: bye" in list(lines)
    assert up.process.wait(GRACE) == 0
    logged = "".join(up.errors)
    assert "/in/***" in logged or "/in/" not in logged
    assert found[0].rpartition("/")[2] not in logged


def test_a_link_needs_a_role_that_there_is(vedette: Any) -> None:
    said = vedette.run("console", "link", "--role", "root", code=2)
    assert "viewer, approver, operator" in said
