"""Prints the banner of `vedette up`: the webhook URL, the Sentry server, the handlers."""

from rich.console import Console
from rich.text import Text

from console.rendering.terminal import inert
from console.supervisor.process_specs import ProcessSpecs
from vedette._core.version import vedette_version
from vedette.store.access.handler_roster import HandlerRoster
from vedette.store.server.url import without_password

_MODES = {
    "act": "act: changes are made",
    "observe": "observe: changes are only recorded",
    "propose": "propose: changes wait for a yes",
}


def welcome(console: Console, plan: ProcessSpecs, roster: HandlerRoster, simulated: str | None, link: str = "") -> None:
    """Print the page that greets an operator, with a link to the web console where that runs."""
    instance = plan.instance
    console.print(Text.assemble(("Vedette", "bold"), f" {vedette_version()}"))
    if simulated is not None:
        _row(console, "Sentry", f"simulated, at {simulated}: a web shop that breaks now and then")
        _row(console, "", "To serve a real one, set VEDETTE_CLIENT_SECRET, VEDETTE_TOKEN")
        _row(console, "", "and VEDETTE_ORGANIZATION.")
    for name, integration in sorted(instance.settings.integrations.items()):
        _row(console, "Sentry", f"{integration.sentry_url}, organization {integration.organization} ({name})")
    for name in sorted(instance.settings.integrations) or ["default"]:
        _row(console, "webhook URL", f"{instance.receiver_url}/hooks/{name}")
    if link:
        _row(console, "console", link)
        _row(console, "", "signs you in once; `vedette console link` prints another")
    for number, name in enumerate(sorted(instance.settings.agents)):
        if number == 0:
            _row(console, "gateway", f"{instance.settings.gateway.public_url}: Sentry's API and /mcp, for agents")
        mode = instance.settings.agents[name].mode
        _row(console, "agents" if number == 0 else "", f"{name:<12} {_MODES.get(mode, mode)}")
    where = (
        f"own server, data in {instance.state_dir}" if instance.is_embedded else without_password(instance.redis_url)
    )
    _row(console, "Redis", where)
    for number, handler in enumerate(roster.handlers):
        asks = ", ".join((*handler.patterns, *handler.crons))
        text = f"{handler.name:<12} {asks}  ({_MODES.get(handler.mode, handler.mode)})"
        _row(console, "handlers" if number == 0 else "", text)
    if not roster.handlers:
        _row(console, "handlers", "none: deliveries are stored, and no handler runs on them")
    for problem in roster.problems:
        console.print(inert(f"  {problem}", "red"), soft_wrap=True)
    console.print(inert("Ctrl-C ends it.", "dim"))
    console.print()


def _row(console: Console, title: str, text: str) -> None:
    console.print(inert(f"  {title:<13}", "dim") + inert(text), soft_wrap=True)
