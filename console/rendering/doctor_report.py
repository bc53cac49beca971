"""Prints the findings of `vedette doctor`: one line a check, then the steps that fix the problems."""

import json
import sys
import textwrap
from collections.abc import Sequence

from rich.console import Console

from console.rendering.terminal import inert
from vedette.checks.findings import Finding, worst_severity

_MARKS = {
    "ok": ("ok", "green"),
    "warn": ("warning", "yellow"),
    "broken": ("BROKEN", "red"),
    "unknown": ("unknown", "dim"),
}
_STATE_WIDTH, _CHECK_WIDTH, _WIDTH = 8, 18, 80
_END = ("All is well.", "Works, with limitations.", "Something is broken.")


def print_findings(console: Console, findings: Sequence[Finding], *, as_json: bool) -> None:
    """Print all findings; as JSON, one object a line."""
    if as_json:
        for finding in findings:
            sys.stdout.write(f"{json.dumps(finding.as_json())}\n")
        return
    integration = ""
    for finding in findings:
        if finding.integration != integration:
            integration = finding.integration
            console.print()
            console.print(inert(f"Integration {integration}", "bold"))
        _print_line(console, finding)
    _print_steps(console, findings)
    console.print()
    console.print(inert(_END[worst_severity(findings)]))


def _print_line(console: Console, finding: Finding) -> None:
    mark, style = _MARKS[finding.state]
    indent = " " * (_STATE_WIDTH + _CHECK_WIDTH)
    lines = textwrap.wrap(finding.says, _WIDTH - len(indent), break_on_hyphens=False) or [""]
    first = inert(f"{mark:<{_STATE_WIDTH}}", style) + inert(f"{finding.check:<{_CHECK_WIDTH}}{lines[0]}")
    console.print(first, soft_wrap=True)
    for line in lines[1:]:
        console.print(inert(f"{indent}{line}"), soft_wrap=True)


def _print_steps(console: Console, findings: Sequence[Finding]) -> None:
    """Print the steps, those for broken parts first, each once."""
    ordered = sorted(findings, key=lambda one: (one.state == "unknown", -one.severity))
    steps = dict.fromkeys(step for finding in ordered if finding.severity for step in finding.mend)
    if not steps:
        return
    console.print()
    console.print(inert("Do this:", "bold"))
    for number, step in enumerate(steps, 1):
        lines = textwrap.wrap(step, _WIDTH - 5, break_on_hyphens=False, break_long_words=False)
        console.print(inert(f"{number:>3}. {lines[0]}"), soft_wrap=True)
        for line in lines[1:]:
            console.print(inert(f"     {line}"), soft_wrap=True)
