"""The tunnel programs: how each is started, and how its public address is read from its output."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class TunnelProgram:
    """A program that forwards requests from a public address to a local port."""

    name: str
    """Its name, which is that of its executable."""
    install: str
    """Where to get it."""
    command: Callable[[int, str], list[str]]
    """Returns its arguments: for a local port, and a channel's address where it needs one."""
    address: "re.Pattern[str]"
    """The public address in its output."""
    needs_channel: bool = False
    """Whether the address is a channel that has to be made first."""
    keeps_bytes: bool = True
    """Whether it passes a body on as it came; else it is written again as Sentry writes it."""

    def find_address(self, line: str) -> str | None:
        """Return the public address in a line of its output; None if there is none."""
        found = self.address.search(line)
        return found[0].rstrip("/") if found else None


PROGRAMS: Final[Mapping[str, TunnelProgram]] = {
    one.name: one
    for one in (
        TunnelProgram(
            "cloudflared",
            "https://developers.cloudflare.com/cloudflare-one/connections/connect-networks/downloads/",
            lambda port, _: ["tunnel", "--no-autoupdate", "--url", f"http://127.0.0.1:{port}"],
            re.compile(r"https://[a-z0-9-]+\.trycloudflare\.com"),
        ),
        TunnelProgram(
            "ngrok",
            "https://ngrok.com/download, then `ngrok config add-authtoken`",
            lambda port, _: ["http", f"http://127.0.0.1:{port}", "--log", "stdout", "--log-format", "logfmt"],
            re.compile(r"https://[a-z0-9.-]+\.ngrok[a-z0-9-]*\.[a-z]+"),
        ),
        TunnelProgram(
            "tailscale",
            "https://tailscale.com/download, then `tailscale up`; Funnel has to be allowed in the tailnet",
            lambda port, _: ["funnel", str(port)],
            re.compile(r"https://[a-z0-9.-]+\.ts\.net"),
        ),
        TunnelProgram(
            "smee",
            "npm install --global smee-client; https://smee.io/new makes a channel, which goes into --channel",
            lambda port, channel: ["--url", channel, "--target", f"http://127.0.0.1:{port}/hooks/default"],
            re.compile(r"https://[A-Za-z0-9.-]+/[A-Za-z0-9_-]+"),
            needs_channel=True,
            keeps_bytes=False,
        ),
    )
}
