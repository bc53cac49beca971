"""`vedette rules test`: rules evaluated on one delivery, without any change in Sentry."""

import asyncio
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from console.commands.rules.check import files_in_force
from console.exit_codes import WRONG_USAGE, explained, refuse
from console.instance import find_instance
from console.rendering.record_table import Column, print_listing
from console.rendering.terminal import inert, make_console
from vedette._core.json_values import json_object
from vedette._core.nearest_name import did_you_mean
from vedette.api import Sentry
from vedette.events import InvalidPayload, parse, samples
from vedette.events.body_recognition import recognise_resource
from vedette.events.catalog import RESOURCES, known_names
from vedette.rules import Decision, Engine, Rule, Subject, read_rules, subject_of
from vedette.rules.engine.sentry_facts import SentryFacts
from vedette.rules.issue_reader import IssueReader, facts_of_api_issue
from vedette.settings.settings import DEFAULT_INTEGRATION, load_settings

_VERDICTS = {"true": "matches", "false": "no", "unknown": "unknown"}


@dataclass(frozen=True)
class EvaluatedCondition:
    """One rule and its verdict."""

    rule: Rule
    verdict: str
    """`matches`, `no`, `unknown`, `not asked` or `not reached`."""
    why: str


def try_out(
    payload: Annotated[
        Path | None, typer.Argument(help="A file with a webhook's body; - reads standard input.")
    ] = None,
    sample: Annotated[str, typer.Option(help="A sample instead; `vedette trigger list` names them.")] = "",
    issue: Annotated[
        str, typer.Option(help="An issue of Sentry's instead, by id or short id, in its present state.")
    ] = "",
    event: Annotated[str, typer.Option(help="With --issue: as if this had happened.")] = "issue.created",
    resource: Annotated[
        str, typer.Option(help="With a file: its Sentry-Hook-Resource; found by its keys otherwise.")
    ] = "",
    rules: Annotated[list[Path] | None, typer.Option(help="Rules files; those in force here unless given.")] = None,
    integration: Annotated[str, typer.Option(help="With --issue: the integration to ask.")] = DEFAULT_INTEGRATION,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")] = False,
) -> None:
    """Evaluate rules on a delivery: the rules that match, the failed conditions of the others, and the actions.

    Exit code 0 with and without a match; 1 if Sentry does not return the issue, 2 if the rules or the delivery cannot
    be read.
    """
    if sum((payload is not None, bool(sample), bool(issue))) != 1:
        _refuse("give one of: a file with a webhook's body, --sample NAME, --issue ID")
    if event not in known_names():
        _refuse(f"there is no event {event}{did_you_mean(event, known_names()) or ': write one such as issue.created'}")
    if resource and resource not in RESOURCES:
        _refuse(f"there is no resource {resource}{did_you_mean(resource, RESOURCES)}")
    with explained():
        engine = Engine(read_rules(files_in_force(rules)))
        if issue:
            subject, decision = asyncio.run(_decide_issue(engine, issue, event, integration))
        else:
            subject = _subject_of_sample(sample) if sample else _subject_of_file(payload, resource)
            decision = asyncio.run(engine.decide(subject))
    _print(list(rows_of(engine, subject, decision)), as_json=as_json)


async def _decide_issue(engine: Engine, issue: str, event: str, integration: str) -> tuple[Subject, Decision]:
    known = find_instance(load_settings()).integration(integration)
    async with Sentry(organization=known.organization or "", token=known.token, base_url=known.sentry_url) as sentry:
        reader = IssueReader(sentry, issue)
        found = await reader.issue()
        subject = Subject(event, facts_of_api_issue(found), found.id)
        return subject, await engine.decide(subject, SentryFacts(reader))


def _subject_of_sample(name: str) -> Subject:
    try:
        return subject_of(parse(samples.resource_of(name), samples.wire(samples.load(name))))
    except samples.UnknownSampleError as error:
        _refuse(f"{error}: `vedette trigger list` names them all")


def _subject_of_file(path: Path | None, resource: str) -> Subject:
    try:
        body = sys.stdin.buffer.read() if path is None or str(path) == "-" else path.read_bytes()
        found = resource or recognise_resource(json_object(json.loads(body)))
        return subject_of(parse(found, body))
    except (OSError, ValueError, InvalidPayload) as error:
        _refuse(f"{path} cannot be read as a webhook's body: {error}")


def rows_of(engine: Engine, subject: Subject, decision: Decision) -> Iterator[EvaluatedCondition]:
    """Yield every rule with its verdict, in order."""
    considered = {one.rule.name: one for one in decision}
    asking = {rule.name for rule in engine.rules_for(subject.names or (subject.event_name,))}
    stopped = next((rule.name for rule in reversed(decision.matched) if rule.stop), "")
    for rule in engine.rules:
        one = considered.get(rule.name)
        if one is not None:
            yield EvaluatedCondition(rule, _VERDICTS[one.verdict.value], one.why)
        elif rule.name in asking:
            yield EvaluatedCondition(rule, "not reached", f"{stopped} stops")
        elif rule.schedule is not None:
            yield EvaluatedCondition(rule, "not asked", f"it is a scheduled rule, {rule.schedule}")
        else:
            yield EvaluatedCondition(rule, "not asked", f"it is for {', '.join(rule.events)}")


def _print(rows: list[EvaluatedCondition], *, as_json: bool) -> None:
    if as_json:
        for row in rows:
            sys.stdout.write(json.dumps(_object(row)) + "\n")
        return
    columns: list[Column[EvaluatedCondition]] = [
        Column("rule", lambda row: inert(row.rule.name, _style(row)), heads=True),
        Column("verdict", lambda row: inert(row.verdict, _style(row)), heads=True),
        Column("why", lambda row: row.why, wraps=True),
        Column("would do", _would, wraps=True),
    ]
    print_listing(make_console(), columns, rows)


def _style(row: EvaluatedCondition) -> str:
    return "green" if row.verdict == "matches" else "dim"


def _would(row: EvaluatedCondition) -> str:
    if row.verdict != "matches":
        return ""
    mode = f" (at most {row.rule.mode})" if row.rule.mode else ""
    return "; ".join(action.describe() for action in row.rule.then) + mode


def _object(row: EvaluatedCondition) -> dict[str, Any]:
    rule = row.rule
    return {
        "rule": rule.name,
        "file": rule.place.file,
        "line": rule.place.line,
        "verdict": row.verdict,
        "why": row.why,
        "would": [action.describe() for action in rule.then] if row.verdict == "matches" else [],
        "mode": rule.mode,
        "stop": rule.stop,
        "calls": rule.cost,
    }


def _refuse(sentence: str) -> NoReturn:
    refuse(sentence, WRONG_USAGE)
