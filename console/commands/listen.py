"""`vedette listen`: webhooks of a real Sentry on a machine without a public address, through a tunnel."""

import json
import queue
import shutil
import subprocess
import sys
import time
from datetime import datetime
from threading import Lock, Thread
from typing import IO, Annotated, Final, NoReturn

import typer

from console.completion import complete_integration
from console.exit_codes import WRONG_USAGE, explained, refuse
from console.instance import Instance, find_instance
from console.rendering.terminal import echo
from console.session import running_receiver
from console.tunnel.tunnel_programs import PROGRAMS, TunnelProgram
from console.tunnel.webhook_relay import WebhookRelay
from vedette.admin.names import UnknownNameError
from vedette.settings.settings import load_settings

_PATIENCE: Final = 60.0
"""Seconds that a tunnel may take to say its address."""
_GRACE: Final = 5.0


def listen(
    program: Annotated[str, typer.Option("--with", help="The tunnel: cloudflared, ngrok, tailscale or smee.")] = "",
    channel: Annotated[str, typer.Option(help="With smee: the channel's address, from https://smee.io/new.")] = "",
    integration: Annotated[
        str, typer.Option(help="The integration whose webhooks come.", autocompletion=complete_integration)
    ] = "default",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")] = False,
) -> None:
    """Receive the webhooks of a real Sentry here, through a tunnel, until Ctrl-C; `vedette up` runs beside it.

    Only webhooks pass, and the receiver checks the signature of each.
    """
    with explained():
        tunnel = _program(program)
        if tunnel.needs_channel and not channel.startswith("https://"):
            refuse(f"{tunnel.name} needs a channel: open https://smee.io/new and give its address", WRONG_USAGE)
        path = shutil.which(tunnel.name)
        if path is None:
            refuse(f"{tunnel.name} is not installed here: {tunnel.install}", WRONG_USAGE)
        instance = find_instance(load_settings())
        instance.client_secret(integration)
        _run(instance, tunnel, path, channel, integration, as_json=as_json)


def _program(name: str) -> TunnelProgram:
    if not name:
        _refuse_choice()
    if name not in PROGRAMS:
        raise UnknownNameError("tunnel", name, PROGRAMS, advice=f"there are {', '.join(PROGRAMS)}")
    return PROGRAMS[name]


def _refuse_choice() -> NoReturn:
    here = [name for name in PROGRAMS if shutil.which(name)]
    found = f"installed here: {', '.join(here)}" if here else "none of them is installed here"
    refuse(f"Choose a tunnel with --with: {', '.join(PROGRAMS)} ({found}); docs/laptop.md compares them", WRONG_USAGE)


def _run(
    instance: Instance, tunnel: TunnelProgram, path: str, channel: str, integration: str, *, as_json: bool
) -> None:
    lock = Lock()

    def told(resource: str, status: int, text: str) -> None:
        with lock:
            _show(resource, status, text, as_json=as_json)

    receiver, limit = running_receiver(instance), instance.settings.receiver.body_limit
    with WebhookRelay(receiver, body_limit=limit, keeps_bytes=tunnel.keeps_bytes, told=told) as relay:
        process = subprocess.Popen(  # noqa: S603 - a program of a fixed list, without a shell
            [path, *tunnel.command(relay.port, channel)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        lines: queue.Queue[str | None] = queue.Queue()
        reader = Thread(target=_read, args=(process.stdout, lines), daemon=True)
        reader.start()
        try:
            address = channel if tunnel.needs_channel else _wait_for_address(lines, tunnel)
            url = address if tunnel.needs_channel else f"{address}/hooks/{integration}"
            _announce(url, receiver, as_json=as_json)
            process.wait()
            refuse(f"{tunnel.name} ended with code {process.returncode}: start it again")
        except KeyboardInterrupt:
            return
        finally:
            _end(process)
            reader.join(_GRACE)


def _wait_for_address(lines: "queue.Queue[str | None]", tunnel: TunnelProgram) -> str:
    last, end = "", time.monotonic() + _PATIENCE
    while True:
        try:
            line = lines.get(timeout=max(0.0, end - time.monotonic()))
        except queue.Empty:
            refuse(
                f"{tunnel.name} named no address within {_PATIENCE:g} s; the last that it wrote: {last or 'nothing'}"
            )
        if line is None:
            refuse(f"{tunnel.name} ended before it named an address; it wrote last: {last or 'nothing'}")
        last = line.strip() or last
        if address := tunnel.find_address(line):
            return address


def _read(stream: IO[str] | None, lines: "queue.Queue[str | None]") -> None:
    """Read the output to its end, so that the program never waits for a reader."""
    if stream is not None:
        with stream:
            for line in stream:
                lines.put(line)
    lines.put(None)


def _announce(url: str, receiver: str, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps({"webhook_url": url, "receiver": receiver}) + "\n")
    else:
        echo(f"Webhook URL for the integration in Sentry: {url}")
        echo(f"It leads to {receiver}; only webhooks pass. Ctrl-C ends it.")
    sys.stdout.flush()


def _show(resource: str, status: int, text: str, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps({"resource": resource, "status": status, "body": text}) + "\n")
    else:
        echo(f"{datetime.now().astimezone():%H:%M:%S}  {resource:<16} {status} {text}")
    sys.stdout.flush()


def _end(process: "subprocess.Popen[str]") -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
