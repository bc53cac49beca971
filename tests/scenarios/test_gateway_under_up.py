"""`vedette up` starts the gateway where there are agents, starts it again when it dies, and ends it with the others."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2

from tests.ports import free_port
from tests.scenarios.conftest import HTTP

AGENT = """
[agents.helper]
[agents.helper.may]
issues = "read"
"""


def gateways(descendants: set[int]) -> list[int]:
    """The processes of the gateway."""
    return [pid for pid in descendants if b"console\0gateway" in (Path("/proc") / str(pid) / "cmdline").read_bytes()]


def test_the_gateway_runs_beside_the_others_and_ends_with_them(
    vedette: Any, until: Callable[..., Any], descendants_of: Callable[[int], set[int]]
) -> None:
    port = free_port()
    (vedette.folder / "vedette.toml").write_text(AGENT)
    vedette.variables["VEDETTE_GATEWAY__PORT"] = str(port)
    url = f"http://127.0.0.1:{port}"

    def is_live() -> bool:
        try:
            return HTTP.get(f"{url}/health/live").status_code == 200
        except httpx2.HTTPError:
            return False

    up = vedette.start("up")
    up.wait_for("Ctrl-C")
    assert is_live()
    assert any(f"{url}: Sentry's API and /mcp, for agents" in line for line in up.output)
    assert HTTP.get(f"{url}/api/0/").status_code == 401
    token = vedette.run("agents", "token", "helper").strip()
    found = HTTP.get(f"{url}/api/0/", headers={"Authorization": f"Bearer {token}"}).json()
    assert found["auth"]["scopes"] == ["event:read", "org:read", "project:read"]

    [first] = gateways(descendants_of(up.process.pid))
    os.kill(first, signal.SIGKILL)
    until(lambda: is_live() and first not in gateways(descendants_of(up.process.pid)))

    before = descendants_of(up.process.pid)
    assert up.end() == 0
    assert not [pid for pid in before if (Path("/proc") / str(pid)).exists()]
    assert not is_live()
