"""Servers as operators arrange them: behind Sentinel, in a Cluster, with passwords; real ones, on loopback."""

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, cast

import redis
import redis.exceptions

from tests.ports import free_port
from vedette.store.server.discovery import SLOT
from vedette.store.server.embedded import find_server

SERVICE = "hooks"
LAST_SLOT = 16383


def eventually(check: Callable[[], Any], patience: float = 60.0) -> Any:
    """Return what `check` returns once it is true; errors of Redis mean not yet."""
    end = time.monotonic() + patience
    while True:
        found = None
        with contextlib.suppress(redis.exceptions.RedisError):
            found = check()
        if found:
            return found
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


class Node:
    """One server process."""

    def __init__(self, folder: Path, *options: str, config: str = "") -> None:
        folder.mkdir(parents=True)
        self.port = free_port()
        self.config = folder / "valkey.conf"
        self.config.write_text(
            f"bind 127.0.0.1\nport {self.port}\ndir {folder}\nloglevel warning\nlogfile {folder}/log\n{config}"
        )
        self._command = [str(find_server()), str(self.config), *options]
        self.client: Any = cast("Any", redis.Redis)(port=self.port, socket_timeout=2)
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, start_new_session=True)

    def ready(self) -> "Node":
        eventually(self.client.ping)
        return self

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(60)

    def end(self) -> None:
        self.process.send_signal(signal.SIGCONT)
        self.kill()
        self.client.close()


DATA = "save ''\nappendonly yes\nappendfsync always\nmaxmemory-policy noeviction\n"


class Watched:
    """A master, its replica, and a sentinel that watches over both."""

    def __init__(self, folder: Path) -> None:
        data = f"{DATA}repl-diskless-sync-delay 0\n"
        self.master = Node(folder / "a", config=data).ready()
        self.replica = Node(folder / "b", config=f"{data}replicaof 127.0.0.1 {self.master.port}\n").ready()
        eventually(lambda: self.replica.client.info("replication")["master_link_status"] == "up")
        watch = (
            f"sentinel monitor {SERVICE} 127.0.0.1 {self.master.port} 1\n"
            f"sentinel down-after-milliseconds {SERVICE} 400\n"
            f"sentinel failover-timeout {SERVICE} 4000\n"
        )
        self.sentinel = Node(folder / "s", "--sentinel", config=watch).ready()
        eventually(lambda: self.sentinel.client.sentinel_slaves(SERVICE))
        self.url = f"redis+sentinel://127.0.0.1:1,127.0.0.1:{self.sentinel.port}/{SERVICE}"

    @property
    def master_port(self) -> int:
        return int(self.sentinel.client.sentinel_get_master_addr_by_name(SERVICE)[1])

    def change_places(self) -> None:
        """Make the replica master and the master its replica, as an operator would who plans it."""
        self.replica.client.execute_command("REPLICAOF", "NO", "ONE")
        self.master.client.execute_command("REPLICAOF", "127.0.0.1", self.replica.port)
        self.sentinel.client.sentinel_remove(SERVICE)
        self.sentinel.client.sentinel_monitor(SERVICE, "127.0.0.1", self.replica.port, 1)

    def end(self) -> None:
        for node in (self.sentinel, self.replica, self.master):
            node.end()


def _says_who_owns(node: Node) -> int | None:
    slots = cast("list[Any]", node.client.execute_command("CLUSTER", "SLOTS"))
    return next((int(owner[1]) for first, last, owner, *_ in slots if first <= SLOT <= last), None)


class Cluster:
    """Two nodes that share the slots; the first has the slot of our keys."""

    def __init__(self, folder: Path) -> None:
        self.nodes = [self._node(folder / name) for name in "ab"]
        halves = ((0, LAST_SLOT // 2), (LAST_SLOT // 2 + 1, LAST_SLOT))
        self.owner, self.other = sorted(self.nodes, key=lambda node: node is self.nodes[0] and SLOT > LAST_SLOT // 2)
        for node, (first, last) in zip(self.nodes, halves, strict=True):
            node.client.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
        met = self.nodes[1]
        bus = int(met.client.config_get("cluster-port")["cluster-port"])
        self.nodes[0].client.execute_command("CLUSTER", "MEET", "127.0.0.1", met.port, bus)
        for node in self.nodes:
            eventually(lambda node=node: b"cluster_state:ok" in node.client.execute_command("CLUSTER", "INFO"))
        self.url = f"redis+cluster://127.0.0.1:{self.other.port}"

    def _node(self, folder: Path) -> Node:
        config = f"{DATA}cluster-enabled yes\ncluster-port {free_port()}\ncluster-node-timeout 2000\n"
        return Node(folder, config=config).ready()

    def move_slot(self) -> None:
        """Hand the slot of our keys over to the other node, all at once."""
        target = self.other.client.execute_command("CLUSTER", "MYID")
        self.owner.client.execute_command("CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", SLOT, SLOT, "NODE", target)
        # The keys arrive before the slot does: it has moved once both say whose it is.
        eventually(lambda: all(_says_who_owns(node) == self.other.port for node in self.nodes))
        self.owner, self.other = self.other, self.owner

    def end(self) -> None:
        for node in self.nodes:
            node.end()


@contextlib.contextmanager
def watched(folder: Path) -> Generator[Watched]:
    made = Watched(folder)
    try:
        yield made
    finally:
        made.end()


@contextlib.contextmanager
def cluster(folder: Path) -> Generator[Cluster]:
    made = Cluster(folder)
    try:
        yield made
    finally:
        made.end()
