"""What docs/gateway.md says of the REST API is what the code has."""

import re
from pathlib import Path
from typing import get_args

from gateway.container import LARGEST_ANSWER, LONGEST_WAIT
from gateway.rejections import RequestRejected
from gateway.rest import call_slots, request_body
from gateway.rest.self_service import OWN_PATHS
from vedette.api.call import HeldDecision
from vedette.settings.agents import AgentGrantSettings, GatewaySettings

PAGE = (Path(__file__).parents[2] / "docs" / "gateway.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.partition(f"### {title}\n")[2].partition("\n### ")[0]


def subclasses(kind: type[RequestRejected]) -> set[type[RequestRejected]]:
    return {kind}.union(*(subclasses(each) for each in kind.__subclasses__()))


def test_the_limits_are_those_of_the_code() -> None:
    assert f"{request_body.LONGEST // 1024} kB and {request_body.DEEPEST} levels" in PAGE
    assert f"more than {LONGEST_WAIT:.0f} s, or {call_slots.MOST} calls of the agent" in PAGE
    assert f"more than {LARGEST_ANSWER // 1024 // 1024} MB" in PAGE
    assert f"`bulk` ({AgentGrantSettings().bulk} unless" in PAGE
    assert f"at http://127.0.0.1:{GatewaySettings().port} unless" in PAGE


def test_each_decision_is_listed() -> None:
    line = next(line for line in PAGE.splitlines() if line.startswith("| `X-Vedette-Decision`"))
    listed = set(re.findall(r"`([a-z]+)`", line))
    ours = {each.decision for each in subclasses(RequestRejected)} | set(get_args(HeldDecision))
    assert listed == ours | {"granted", "failed"}


def test_each_status_of_a_rejected_request_is_listed() -> None:
    listed = {int(number) for number in re.findall(r"\b\d{3}\b", section("Statuses").replace("25 s", ""))}
    assert {int(each.status) for each in subclasses(RequestRejected)} <= listed


def test_each_path_that_the_gateway_answers_itself_is_listed() -> None:
    listed = re.findall(r"^\| `(/api/0/[^`]*)`", section("Paths that the gateway answers itself"), re.MULTILINE)
    assert set(listed) == {f"/{'/'.join(path)}/" for path in OWN_PATHS}
