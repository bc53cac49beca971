import subprocess
import sys
from typing import Any, cast

import redis
from dramatiq.brokers.redis import RedisBroker

from workers.broker import HEARTBEAT_TIMEOUT, VedetteBroker


def test_its_keys_share_one_hash_tag_and_a_dead_worker_is_noticed_in_seconds(redis_url: str) -> None:
    broker = cast("Any", VedetteBroker(redis_url, []))
    assert isinstance(broker, RedisBroker)
    assert broker.namespace.startswith("{vedette}:")
    assert broker.heartbeat_timeout == HEARTBEAT_TIMEOUT <= 15_000
    broker.close()


def test_importing_the_room_makes_no_broker_and_reads_no_settings() -> None:
    program = "import dramatiq, workers, workers.broker, dramatiq.broker as b; print(b.global_broker)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"VEDETTE_PORT": "not a port"},
    )
    assert done.stdout.strip() == "None"


def test_dramatiq_started_without_settings_says_which_are_missing(tmp_path: Any) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dramatiq", "workers", "--processes", "1"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={},
        timeout=30,
    )
    assert done.returncode == 2
    for variable in ("VEDETTE_CLIENT_SECRET", "VEDETTE_TOKEN", "VEDETTE_ORGANIZATION"):
        assert variable in done.stderr


def test_a_worker_refuses_a_server_that_evicts(redis_url: str, tmp_path: Any) -> None:
    with cast("Any", redis.Redis).from_url(redis_url) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        try:
            done = subprocess.run(
                [sys.executable, "-m", "dramatiq", "workers", "--processes", "1"],
                capture_output=True,
                text=True,
                check=False,
                cwd=tmp_path,
                env={
                    "VEDETTE_REDIS_URL": redis_url,
                    "VEDETTE_CLIENT_SECRET": "s",
                    "VEDETTE_TOKEN": "sntryi_" + "a" * 64,
                    "VEDETTE_ORGANIZATION": "acme",
                },
                timeout=30,
            )
        finally:
            client.config_set("maxmemory-policy", "noeviction")
    assert done.returncode == 2
    assert "maxmemory-policy noeviction" in done.stderr
