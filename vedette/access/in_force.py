"""Whether what is in force now still lets a handler write what it proposed some days ago."""

from collections.abc import Mapping

from vedette._core.user_error import UserError
from vedette.access.context import mode_in
from vedette.settings.settings import HandlerSettings, Mode
from vedette.store.access.handler_roster import HandlerRoster, RosterHandler
from vedette.store.access.proposals import Proposal

_OFF = "off"


class NotInForceError(UserError):
    """A proposal is of a handler that is switched off, gone, or set to observe by now. It goes on waiting."""

    def __init__(self, proposal: Proposal, reason: str) -> None:
        self.proposal = proposal
        self.reason = reason
        super().__init__(
            f"proposal {proposal.id} was not sent: {reason}. `vedette reject {proposal.id}` drops it; else it expires"
        )


def check_in_force(proposal: Proposal, settings: HandlerSettings | None, roster: HandlerRoster | None) -> None:
    """Check that the handler may still write: by the settings as they are, and by what the workers have loaded.

    Args:
        proposal: What it would like to write.
        settings: What the settings say of the handler now; None where nothing.
        roster: What the workers have loaded; None where none has said so.

    Raises:
        NotInForceError: It may not.
    """
    reason = _objection(proposal, settings, roster)
    if reason:
        raise NotInForceError(proposal, reason)


def _objection(proposal: Proposal, settings: HandlerSettings | None, roster: HandlerRoster | None) -> str:
    name = proposal.handler
    if settings is not None and not settings.enabled:
        return f"{name} is switched off by the settings (enabled = false)"
    if roster is None:
        return "no worker has said which handlers there are: start one"
    loaded = next((one for one in roster.handlers if one.name == name), None)
    if loaded is None:
        return (
            f"no worker has loaded {name}: it was removed, or could not be loaded (`vedette handlers` says which are)"
        )
    if loaded.mode == _OFF:
        return f"{name} is off: {'; '.join(loaded.missing) or 'its settings are missing'}"
    projects = frozenset(proposal.projects) or (frozenset({proposal.project}) if proposal.project else None)
    modes = [_mode(loaded.mode, _modes_of(loaded), projects)]
    if settings is not None:
        modes.append(_mode(settings.mode or loaded.mode, settings.modes, projects))
    if "observe" in modes:
        where = f" in {', '.join(sorted(projects))}" if projects else ""
        return f"{name} is set to observe{where} now"
    return ""


def _mode(mode: str, modes: Mapping[str, Mode], projects: frozenset[str] | None) -> Mode:
    known: Mode = "act" if mode == "act" else "propose" if mode == "propose" else "observe"
    return mode_in(projects, known, modes)


def _modes_of(handler: RosterHandler) -> dict[str, Mode]:
    """The modes for some projects, out of the words that the roster has for them: `shop-*: act`."""
    found: dict[str, Mode] = {}
    for text in handler.modes:
        pattern, _, mode = text.rpartition(": ")
        found[pattern] = "act" if mode == "act" else "propose" if mode == "propose" else "observe"
    return found
