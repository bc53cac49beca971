"""Tunnels by programs of third parties, for which executables of this test stand."""

import hmac
import json
import os
import re
import signal
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.testing import CliRunner

from console.main import app
from console.trigger.webhook_body import body_of_sample, wire
from console.tunnel.tunnel_programs import PROGRAMS

SAID = {
    "cloudflared": "2026 INF |  https://quick-brown-fox.trycloudflare.com   |",
    "ngrok": 't=2026 lvl=info msg="started tunnel" addr=http://127.0.0.1:1 url=https://ab-12.ngrok-free.app',
    "tailscale": "https://laptop.tail1234.ts.net/",
    "smee": "Forwarding https://smee.io/abc123 to http://127.0.0.1",
}
FAKE = """#!{python}
import json, pathlib, sys, time
written = pathlib.Path({folder!r}, "arguments.new")
written.write_text(json.dumps(sys.argv[1:]))
written.rename(pathlib.Path({folder!r}, "arguments"))
print("starting", flush=True)
print({said!r}, flush=True)
time.sleep({seconds})
"""


def install(folder: Path, name: str, said: str, seconds: float = 600) -> None:
    program = folder / name
    program.write_text(FAKE.format(python=sys.executable, folder=str(folder), said=said, seconds=seconds))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_address_is_read_from_what_the_program_writes(name: str) -> None:
    found = PROGRAMS[name].find_address(SAID[name])
    assert found is not None
    assert found == SAID[name].split("https://")[1].split()[0].join(["https://", ""]).rstrip("/")
    assert PROGRAMS[name].find_address("no address here") is None


def test_a_webhook_passes_each_tunnel_with_its_signature(
    vedette: Any, redis_url: str, until: Callable[..., Any], secret: str
) -> None:
    vedette.variables |= {"VEDETTE_CLIENT_SECRET": secret, "VEDETTE_REDIS_URL": redis_url}
    vedette.start("receiver")
    until(vedette.is_ready)
    for name in PROGRAMS:
        folder = vedette.folder / name
        folder.mkdir()
        install(folder, name, SAID[name])
        vedette.variables["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"
        more = ("--channel", "https://smee.io/abc123") if name == "smee" else ()
        process = vedette.start("listen", "--with", name, "--json", *more)
        announced = json.loads(process.wait_for("webhook_url"))
        expected = PROGRAMS[name].find_address(SAID[name])
        assert announced["webhook_url"] == (expected if name == "smee" else f"{expected}/hooks/default")
        until((folder / "arguments").exists)
        given = " ".join(json.loads((folder / "arguments").read_text()))
        (port,) = re.findall(r"(?:127\.0\.0\.1:|^funnel )(\d+)", given)
        assert send(port, secret, wire(body_of_sample("issue.created"))) == 202
        assert json.loads(process.wait_for('"status": 202'))["resource"] == "issue"
        assert process.end(signal.SIGINT) == 0
    assert len(vedette.deliveries()) == len(PROGRAMS)


def send(port: str, secret: str, body: bytes) -> int:
    headers = {
        "Sentry-Hook-Signature": hmac.digest(secret.encode(), body, "sha256").hex(),
        "Sentry-Hook-Resource": "issue",
        "Sentry-Hook-Timestamp": "1",
        "Content-Type": "application/json",
    }
    url = f"http://127.0.0.1:{port}/hooks/default"
    return httpx2.post(url, content=body, headers=headers, trust_env=False, timeout=60).status_code


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of PATH."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("VEDETTE_CLIENT_SECRET", "s" * 40)
    return tmp_path


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["listen", *arguments])


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ((), 2, "Choose a tunnel with --with: cloudflared, ngrok, tailscale, smee (installed here: tailscale)"),
        (("--with", "ngrook"), 2, "there is no tunnel ngrook: did you mean ngrok?"),
        (("--with", "ngrok"), 2, "ngrok is not installed here: https://ngrok.com/download"),
        (("--with", "smee"), 2, "smee needs a channel: open https://smee.io/new"),
        (("--with", "tailscale", "--integration", "nope"), 2, "there is no integration nope"),
        (("--with", "tailscale"), 1, "tailscale ended before it named an address; it wrote last: no funnel"),
    ],
)
def test_what_cannot_be_is_one_sentence(programs: Path, arguments: tuple[str, ...], code: int, told: str) -> None:
    install(programs, "tailscale", "no funnel", 0)
    ended = run(*arguments)
    assert ended.exit_code == code
    assert told in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
