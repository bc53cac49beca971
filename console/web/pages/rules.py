"""Answers the rules workbench: a draft is checked, and held against the newest deliveries beside the rules in force."""

from pathlib import Path
from typing import Final

from starlette.responses import Response

from console.web.requests import ConsoleRequest, ConsoleRoute, NoSuchPageError
from console.web.workbench.comparison import RuleComparison, compare_rules
from vedette._core.user_error import UserError
from vedette.rules import RulesError, read_rules
from vedette.rules.files.locations import files_of, rules_files
from vedette.rules.files.reader import rules_of
from vedette.rules.presets import ready_names, ready_rules
from vedette.settings.settings import Settings
from vedette.store.console.rule_drafts import RuleDraft, RuleDrafts

_NAME: Final = "draft.toml"
_LONGEST: Final = 100_000
"""Characters of a draft."""


class TooLongDraftError(UserError):
    """A draft that is too long."""

    def __init__(self) -> None:
        super().__init__(f"A draft has at most {_LONGEST} characters: leave rules out that it is not about")


def _files(settings: Settings) -> list[Path]:
    """Return the files of the rules in force."""
    triage = settings.handlers.get("triage")
    return rules_files(files_of((triage.model_extra or {}) if triage else {}))()


async def _show(request: ConsoleRequest) -> Response:
    preset = request.query("preset")
    if preset:
        if preset not in ready_names():
            raise NoSuchPageError(f"There is no ready-made rule of this name: there are {', '.join(ready_names())}")
        return await _render(request, ready_rules(preset).text)
    files = _files(request.services.settings)
    text = files[0].read_text(encoding="utf-8", errors="replace")[:_LONGEST] if files and files[0].is_file() else ""
    return await _render(request, text)


async def _show_draft(request: ConsoleRequest) -> Response:
    draft = await RuleDrafts(request.services.redis).get(request.parts["draft"])
    if draft is None:
        raise NoSuchPageError("There is no such draft any more: drafts are kept for two weeks.")
    return await _render(request, draft.text, draft)


async def _check(request: ConsoleRequest) -> Response:
    return await _render(request, await _text(request))


async def _save(request: ConsoleRequest) -> Response:
    draft = await RuleDrafts(request.services.redis).create(await _text(request), request.account.name)
    return request.redirect(f"/rules/drafts/{draft.id}", "The draft is kept for two weeks: its address shares it.")


async def _text(request: ConsoleRequest) -> str:
    text = (await request.read_form()).get("text").replace("\r\n", "\n")
    if len(text) > _LONGEST:
        raise TooLongDraftError
    return text


async def _render(request: ConsoleRequest, text: str, draft: RuleDraft | None = None) -> Response:
    problems = ()
    comparison: RuleComparison | None = None
    rules_in_force_problem = ""
    channels = request.services.settings.channels
    try:
        mine = rules_of([(_NAME, text)], channels=channels)
    except RulesError as error:
        problems = error.problems
    else:
        try:
            in_force = read_rules(_files(request.services.settings), channels=channels)
        except RulesError as error:
            rules_in_force_problem, in_force = str(error), rules_of([])
        comparison = await compare_rules(mine, in_force, await request.services.recent.read(request.admin))
    return request.render(
        "rules.html",
        text=text,
        draft=draft,
        problems=problems,
        comparison=comparison,
        in_force_problem=rules_in_force_problem,
        files=[str(file) for file in _files(request.services.settings)],
        presets=[ready_rules(name) for name in ready_names()],
        longest=_LONGEST,
        words="vedette rules check",
    )


ROUTES: Final = (
    ConsoleRoute("GET", "/rules", _show),
    ConsoleRoute("GET", "/rules/drafts/{draft}", _show_draft),
    ConsoleRoute("POST", "/rules", _check, "approver"),
    ConsoleRoute("POST", "/rules/drafts", _save, "approver"),
)
