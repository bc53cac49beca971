"""The main job on real parts: a signed webhook comes in, and an issue changes."""

import base64
import hmac
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SIGNED = "Sentry-Hook-Signature"


def signed(body: bytes, secret: str, resource: str = "issue") -> dict[str, str]:
    return {SIGNED: hmac.new(secret.encode(), body, "sha256").hexdigest(), "Sentry-Hook-Resource": resource}


def payload(issue: dict[str, Any]) -> bytes:
    return json.dumps(
        {
            "action": "created",
            "installation": {"uuid": "5f0c7f3e-9a41-4d7e-8a55-3c8e0d1b6a92"},
            "data": {"issue": issue},
            "actor": {"type": "application", "id": "sentry", "name": "Sentry"},
        },
        separators=(",", ":"),
    ).encode()


def test_an_error_in_sentry_becomes_a_changed_issue_and_a_line_that_people_see(
    vedette: Any, served: Any, until: Callable[..., Any]
) -> None:
    up = vedette.start("up")
    assert f"{vedette.url}/hooks/default" in up.wait_for("webhook URL")
    assert "act" in up.wait_for("triage")
    issue = served.create(project="storefront", type="Error", value="ResizeObserver loop limit exceeded")
    until(lambda: served.issue(issue["id"])["substatus"] == "archived_until_escalating")
    line = up.wait_for(f"issue.created            {issue['shortId']}")
    for part in (issue["shortId"], "triage", "archived", "until it escalates"):
        assert part in line
    assert re.search(r"^\d{2}:\d{2}:\d{2} .* (\d+ ms|\d+\.\d s)$", line)
    (delivery,) = vedette.deliveries("--resource", "issue", "--handler", "triage")[-1:]
    assert delivery["state"] == "handled"
    assert delivery["issue"] == issue["id"]
    assert "archived" in delivery["runs"][0]["did"][0]
    table = vedette.run("deliveries")
    assert "issue.created" in table
    assert "handled" in table
    everything = up.story() + "".join(up.errors)
    for hidden in (vedette.variables["VEDETTE_TOKEN"], vedette.variables["VEDETTE_CLIENT_SECRET"]):
        assert hidden not in everything


def test_one_altered_byte_is_refused_and_changes_nothing(
    vedette: Any, served: Any, secret: str, until: Callable[..., Any]
) -> None:
    vedette.start("up").wait_for("webhook URL")
    issue = served.create(project="storefront", type="Error", value="ResizeObserver loop limit exceeded")
    until(lambda: served.issue(issue["id"])["status"] == "ignored")
    before = vedette.deliveries()
    body = payload({**issue, "id": "1"})
    refused = vedette.post(body.replace(b"created", b"creates", 1), signed(body, secret))
    assert (refused.status_code, refused.headers.get("location")) == (401, None)
    unsigned = vedette.post(body, {"Sentry-Hook-Resource": "issue"})
    assert unsigned.status_code == 401
    assert vedette.deliveries() == before


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_with_a_signed_body_is_accepted_and_the_issue_changes(
    vedette: Any, served: Any, secret: str, until: Callable[..., Any], tmp_path: Path
) -> None:
    issue = served.create(project="storefront", type="Error", value="ResizeObserver loop limit exceeded")
    vedette.start("up").wait_for("webhook URL")
    body = payload(issue)
    (tmp_path / "body").write_bytes(body)
    headers = [word for name, value in signed(body, secret).items() for word in ("-H", f"{name}: {value}")]
    done = subprocess.run(
        ["curl", "-s", "-w", "%{http_code}", *headers, "--data-binary", "@body", f"{vedette.url}/hooks/default"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.endswith("202")
    assert "delivery" in done.stdout
    until(lambda: served.issue(issue["id"])["status"] == "ignored")


def test_the_captures_of_a_real_sentry_are_accepted_handled_and_shown(
    vedette: Any, shared: Path, until: Callable[..., Any]
) -> None:
    captures = shared / "sentry" / "captures"
    secrets = [(captures / name).read_text().strip() for name in ("client-secret", "client-secret.installation")]
    handler = vedette.folder / "everything.py"
    handler.write_text(
        "from vedette import Context, Event, on\n\n\n"
        '@on("*")\nasync def everything(event: Event, ctx: Context) -> None:\n    ctx.note(f"saw {event.name}")\n'
    )
    vedette.variables |= {
        "VEDETTE_CLIENT_SECRET": ",".join(secrets),
        "VEDETTE_TOKEN": "sntryi_" + "a" * 64,
        "VEDETTE_ORGANIZATION": "acme",
        "VEDETTE_SENTRY_URL": "http://127.0.0.1:9",
        "VEDETTE_PLUGINS": "everything.py",
        "VEDETTE_HANDLERS__TRIAGE__ENABLED": "false",
    }
    vedette.start("up").wait_for("webhook URL")
    names: set[str] = set()
    for file in sorted(captures.glob("*.http.json")):
        request = json.loads(file.read_text())
        headers = {name: value for name, value in request["headers"].items() if name not in {"Host", "Content-Length"}}
        answer = vedette.post(base64.b64decode(request["body_base64"]), headers)
        assert answer.status_code == 202, (file.name, answer.text)
        names.add(file.name.removesuffix(".http.json"))
    assert len(names) == 8
    until(lambda: {one["state"] for one in vedette.deliveries()} == {"handled"})
    shown = vedette.deliveries()
    assert {f"{one['resource']}.{one['action']}" for one in shown} == names
    assert {one["runs"][0]["did"][0] for one in shown} == {f"saw {name}" for name in names}


def test_the_standard_commands_of_uvicorn_and_dramatiq_do_the_same_job(
    vedette: Any, served: Any, redis_url: str, until: Callable[..., Any]
) -> None:
    vedette.variables["VEDETTE_REDIS_URL"] = redis_url
    uvicorn = ("receiver.app:create_app", "--factory", "--port", str(vedette.port))
    vedette.start(*uvicorn, command=(sys.executable, "-m", "uvicorn"))
    vedette.start("--processes", "1", "--threads", "4", command=(sys.executable, "-m", "dramatiq", "workers"))
    until(vedette.is_ready)
    issue = served.create(project="storefront", type="Error", value="ResizeObserver loop limit exceeded")
    until(lambda: served.issue(issue["id"])["status"] == "ignored")


def test_a_server_that_runs_elsewhere_is_used_instead_of_an_own_one(
    vedette: Any, served: Any, redis_url: str, until: Callable[..., Any]
) -> None:
    vedette.variables["VEDETTE_REDIS_URL"] = redis_url
    up = vedette.start("up")
    assert "own server" not in up.wait_for("Redis")
    issue = served.create(project="storefront", type="Error", value="ResizeObserver loop limit exceeded")
    until(lambda: served.issue(issue["id"])["status"] == "ignored")
    assert not (vedette.folder / "state" / "valkey.sock").exists()
    assert not list((vedette.folder / "state").glob("appendonlydir"))


def test_an_author_s_own_folders_called_handlers_and_workers_disturb_nothing(
    vedette: Any, served: Any, until: Callable[..., Any]
) -> None:
    for name in ("handlers", "workers", "receiver", "console"):
        (vedette.folder / name).mkdir()
        (vedette.folder / name / "__init__.py").write_text("raise RuntimeError('not yours to import')\n")
    executable = Path(sys.executable).with_name("vedette")
    vedette.start("up", command=(str(executable),)).wait_for("webhook URL")
    issue = served.create(project="storefront", type="Error", value="ResizeObserver loop limit exceeded")
    until(lambda: served.issue(issue["id"])["status"] == "ignored")
