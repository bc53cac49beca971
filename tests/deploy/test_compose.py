import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from vedette.settings.agents import GatewaySettings
from vedette.settings.settings import ReceiverSettings

Service = dict[str, Any]


@pytest.fixture(scope="session")
def compose(repository: Path) -> dict[str, Any]:
    return yaml.safe_load((repository / "deploy" / "compose.yaml").read_text(encoding="utf-8"))


@pytest.fixture(params=["valkey", "receiver", "worker", "gateway"])
def service(request: pytest.FixtureRequest, compose: dict[str, Any]) -> Service:
    return compose["services"][request.param]


def test_each_service_runs_without_capabilities_or_a_writable_root_and_is_started_again(service: Service) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] == "unless-stopped"
    assert "privileged" not in service


def test_each_image_has_a_tag_that_is_not_latest_and_no_host(service: Service) -> None:
    name, _, tag = service["image"].partition(":")
    assert tag not in {"", "latest"}
    assert "." not in name


def test_the_services_are_these_four_and_use_what_is_declared(compose: dict[str, Any]) -> None:
    services: dict[str, Service] = compose["services"]
    assert set(services) == {"valkey", "receiver", "worker", "gateway"}
    for kind in ("secrets", "networks"):
        assert {name for service in services.values() for name in service.get(kind, ())} == set(compose[kind])
    used = {volume.partition(":")[0] for service in services.values() for volume in service.get("volumes", ())}
    assert used == set(compose["volumes"])


def test_the_gateway_starts_only_where_it_is_asked_for(compose: dict[str, Any]) -> None:
    profiles = {name: service["profiles"] for name, service in compose["services"].items() if "profiles" in service}
    assert profiles == {"gateway": ["agents"]}


def test_the_published_ports_are_bound_to_loopback(compose: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert published == {"receiver": ["127.0.0.1:8650:8650"], "gateway": ["127.0.0.1:8652:8652"]}


def test_valkey_keeps_what_it_acknowledges_and_only_vedette_reaches_it(compose: dict[str, Any]) -> None:
    valkey: Service = compose["services"]["valkey"]
    [program, password, *words] = valkey["command"]
    assert (program, password) == ("valkey-server", "/run/secrets/valkey_conf")
    assert valkey["secrets"] == ["valkey_conf"]
    options = dict(zip(words[::2], words[1::2], strict=True))
    assert options == {
        "--appendonly": "yes",
        "--appendfsync": "always",
        "--save": "",
        "--maxmemory-policy": "noeviction",
        "--auto-aof-rewrite-min-size": "1gb",
        "--rdbcompression": "no",
        "--maxmemory": "2gb",
    }
    assert valkey["volumes"] == ["valkey:/data"]
    assert "PONG" in valkey["healthcheck"]["test"][-1]


@pytest.mark.parametrize("name", ["receiver", "worker", "gateway"])
def test_the_image_is_built_from_the_checkout_and_runs_a_command_that_exists(
    name: str, compose: dict[str, Any], commands: set[str], repository: Path
) -> None:
    service: Service = compose["services"][name]
    context = (repository / "deploy" / service["build"]["context"]).resolve()
    assert context == repository.resolve()
    assert (context / service["build"]["dockerfile"]).is_file()
    assert service["command"] == [name]
    assert name in commands


def test_each_process_meets_valkey_in_a_network_of_its_own_and_nobody_else(compose: dict[str, Any]) -> None:
    networks = {name: set(service["networks"]) for name, service in compose["services"].items()}
    ours = ("receiver", "worker", "gateway")
    for name in ours:
        assert all(networks[name] & networks[other] == set() for other in ours if other != name)
        [shared] = networks[name] & networks["valkey"]
        assert compose["networks"][shared] == {"internal": True}
    assert networks["valkey"] <= set().union(*(networks[name] for name in ours))


def test_each_service_has_limits_of_memory_processes_and_files(service: Service) -> None:
    assert re.fullmatch(r"\d+g", service["mem_limit"])
    assert 0 < service["pids_limit"] <= 1024
    assert service["ulimits"]["nofile"] > ReceiverSettings().connections_limit


def test_valkey_is_full_before_its_container_is(compose: dict[str, Any]) -> None:
    valkey: Service = compose["services"]["valkey"]
    most = valkey["command"][valkey["command"].index("--maxmemory") + 1]
    assert int(most.removesuffix("gb")) < int(valkey["mem_limit"].removesuffix("g"))


def test_metrics_are_on_a_port_that_is_not_published(compose: dict[str, Any]) -> None:
    receiver: Service = compose["services"]["receiver"]
    port = receiver["environment"]["VEDETTE_RECEIVER__METRICS_PORT"]
    assert not any(port in published for published in receiver["ports"])


@pytest.mark.parametrize(
    ("name", "secrets"),
    [
        ("receiver", {"CLIENT_SECRET", "REDIS_URL"}),
        ("worker", {"CLIENT_SECRET", "REDIS_URL", "TOKEN"}),
        ("gateway", {"CLIENT_SECRET", "REDIS_URL", "TOKEN"}),
    ],
)
def test_each_process_gets_its_own_secrets_and_only_through_files(
    name: str, secrets: set[str], compose: dict[str, Any]
) -> None:
    service: Service = compose["services"][name]
    files = {key: value for key, value in service["environment"].items() if key.endswith("_FILE")}
    assert files == {f"VEDETTE_{secret}_FILE": f"/run/secrets/{secret.lower()}" for secret in secrets}
    assert set(service["secrets"]) == {secret.lower() for secret in secrets}
    assert not {"VEDETTE_CLIENT_SECRET", "VEDETTE_REDIS_URL", "VEDETTE_TOKEN"} & set(service["environment"])


def test_all_processes_use_the_same_store_and_organization(compose: dict[str, Any]) -> None:
    names = ("receiver", "worker", "gateway")
    receiver, *others = (compose["services"][name]["environment"] for name in names)
    common = {name: value for name, value in receiver.items() if not name.startswith("VEDETTE_RECEIVER__")}
    assert all({name: other[name] for name in common} == common for other in others)
    assert receiver["VEDETTE_ORGANIZATION"].startswith("${VEDETTE_ORGANIZATION:?")


def test_the_receiver_does_not_wait_for_the_store_and_the_worker_does(compose: dict[str, Any]) -> None:
    waits = {name: compose["services"][name]["depends_on"]["valkey"]["condition"] for name in ("receiver", "worker")}
    assert waits == {"receiver": "service_started", "worker": "service_healthy"}


def test_the_spool_is_on_a_volume_where_the_image_keeps_state(compose: dict[str, Any], repository: Path) -> None:
    [volume] = compose["services"]["receiver"]["volumes"]
    dockerfile = (repository / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    assert f"VEDETTE_STATE_DIR={volume.partition(':')[2]}\n" in dockerfile
    assert "volumes" not in compose["services"]["worker"]


def test_only_the_worker_which_listens_nowhere_has_no_health_check(compose: dict[str, Any]) -> None:
    assert compose["services"]["worker"]["healthcheck"] == {"disable": True}
    assert "healthcheck" not in compose["services"]["receiver"]  # the image's own
    asked = compose["services"]["gateway"]["healthcheck"]["test"][-1]
    assert f"http://127.0.0.1:{GatewaySettings().port}/health/live" in asked


def test_what_an_operator_puts_beside_the_file_is_not_committed(compose: dict[str, Any], repository: Path) -> None:
    ignored = (repository / "deploy" / ".gitignore").read_text(encoding="utf-8").splitlines()
    for secret in compose["secrets"].values():
        assert secret["file"].startswith("./secrets/")
    assert {"/secrets/", "/.env"} <= set(ignored)
