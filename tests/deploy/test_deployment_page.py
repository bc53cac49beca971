"""Commands in docs/deployment.md and deploy/ exist."""

import re
from pathlib import Path

import pytest
from dramatiq.cli import make_argument_parser
from uvicorn.main import main as uvicorn_command

from vedette.settings.settings import ReceiverSettings

MIB = 1024 * 1024


@pytest.fixture(scope="session")
def deployment(repository: Path) -> str:
    return (repository / "docs" / "deployment.md").read_text(encoding="utf-8")


def block(deployment: str, start: str) -> str:
    """The code block that has `start` in it, with continued lines joined."""
    [found] = [code for code in re.findall(r"```\w+\n(.*?)```", deployment, re.DOTALL) if start in code]
    return found.replace("\\\n", " ")


def arguments(code: str, program: str) -> list[str]:
    [line] = [line for line in code.splitlines() if line.startswith(f"{program} ")]
    return line.split()[1:]


def test_each_variable_is_a_setting(page: str, settings_variables: set[str]) -> None:
    used = set(re.findall(r"VEDETTE_\w*[A-Z]", page))
    assert {name.removesuffix("_FILE") for name in used} <= settings_variables


def test_each_command_is_one_of_the_command_line(page: str, commands: set[str]) -> None:
    typed = re.findall(r"(?:bin/|exec receiver |^|`)vedette ([a-z]+)", page, re.MULTILINE)
    assert set(typed) <= commands


def test_the_links_inside_the_page_lead_somewhere(deployment: str, repository: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", deployment):
        file, _, anchor = target.partition("#")
        page = (repository / "docs" / file).read_text(encoding="utf-8") if file else deployment
        headings = re.findall(r"^##+ (.+)$", page, re.MULTILINE)
        anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
        assert not anchor or anchor in anchors


def test_the_proxies_take_the_bodies_that_the_receiver_takes(deployment: str) -> None:
    sizes = re.findall(r"client_max_body_size (\d+)m;|max_size (\d+)MiB", deployment)
    assert len(sizes) == 2
    for size in sizes:
        assert int("".join(size)) * MIB >= ReceiverSettings().body_limit


def test_nginx_never_redirects_the_hooks(deployment: str) -> None:
    nginx = re.sub(r"#.*", "", block(deployment, "client_max_body_size"))
    assert "location /hooks {" in nginx
    assert "proxy_pass http://127.0.0.1:8650;" in nginx
    assert not re.search(r"location /hooks/|return 30|rewrite", nginx)


def test_the_commands_by_hand_are_taken_by_their_programs(deployment: str) -> None:
    code = block(deployment, "--factory")
    with uvicorn_command.make_context("uvicorn", arguments(code, "uvicorn")) as context:
        assert (context.params["app"], context.params["factory"]) == ("receiver.app:create_app", True)
        assert context.params["host"] == "127.0.0.1"
    given = make_argument_parser().parse_args(arguments(code, "dramatiq"))
    assert (given.broker, given.processes, given.threads, given.path) == ("workers", 1, 16, [])
