"""Real Redis servers that belong together: a master with its replica and sentinels, or the nodes of a cluster."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Self, cast

from redis import Redis, RedisError

from vad.sandbox.child import Child, Program
from vad.sandbox.ports import LOOPBACK, free_range
from vad.sandbox.redis import find_program

PASSWORD = "only-for-this-test"
SERVICE = "vad"
SLOTS = 16384
READY_SECONDS = 30.0


class Group:
    """Redis servers on loopback, each stopped at the end."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.children: dict[int, Child] = {}

    def start(self, port: int, *lines: str, sentinel: bool = False) -> None:
        """Start one with these lines as its configuration; a sentinel writes into that file."""
        folder = self.directory / str(port)
        folder.mkdir(parents=True)
        file = folder / "server.conf"
        common = () if sentinel else (f"requirepass {PASSWORD}", f"masterauth {PASSWORD}", 'save ""', "appendonly no")
        file.write_text("\n".join((f"bind {LOOPBACK}", f"port {port}", f"dir {folder}", *common, *lines, "")))
        self.children[port] = Child(
            Program(
                arguments=[find_program(), str(file), *(["--sentinel"] if sentinel else [])],
                log=folder / "server.log",
                environment={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
                directory=folder,
            )
        )

    def client(self, port: int, *, sentinel: bool = False) -> Redis:
        """A client of one server."""
        return Redis(host=LOOPBACK, port=port, password=None if sentinel else PASSWORD, socket_timeout=2, protocol=2)

    def kill(self, port: int) -> None:
        """End one without warning."""
        self.children.pop(port).kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for child in self.children.values():
            child.kill()


class Watched(Group):
    """A master, a replica, and three sentinels of which two must agree."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        first = _ports(5)
        self.master, self.replica = first, first + 1
        self.sentinels = [(LOOPBACK, port) for port in range(first + 2, first + 5)]

    def __enter__(self) -> Self:
        try:
            self.start(self.master)
            self.start(self.replica, f"replicaof {LOOPBACK} {self.master}")
            _wait_for(lambda: self._replication(self.replica).get("master_link_status") == "up")
            for _, port in self.sentinels:
                self.start(
                    port,
                    f"sentinel monitor {SERVICE} {LOOPBACK} {self.master} 2",
                    f"sentinel auth-pass {SERVICE} {PASSWORD}",
                    f"sentinel down-after-milliseconds {SERVICE} 1000",
                    f"sentinel failover-timeout {SERVICE} 5000",
                    sentinel=True,
                )
            for _, port in self.sentinels:
                _wait_for(lambda port=port: self._sees_everybody(port))  # type: ignore[misc]
        except BaseException:
            self.__exit__()
            raise
        return self

    def _sees_everybody(self, port: int) -> bool:
        with self.client(port, sentinel=True) as client:
            seen = client.sentinel_master(SERVICE)
        return bool(seen["num-slaves"] == 1 and seen["num-other-sentinels"] == len(self.sentinels) - 1)

    def _replication(self, port: int) -> dict[str, str]:
        with self.client(port) as client:
            return cast("dict[str, str]", client.info("replication"))


class Cluster(Group):
    """Three nodes that share the slots; with `replicas`, each has one that takes its place when it dies."""

    def __init__(self, directory: Path, *, replicas: bool = False) -> None:
        super().__init__(directory)
        first = _ports(6 if replicas else 3)
        self.nodes = [(LOOPBACK, port) for port in range(first, first + 3)]
        self.replicas = [(LOOPBACK, port) for port in range(first + 3, first + 6)] if replicas else []

    def __enter__(self) -> Self:
        try:
            ports = [port for _, port in self.nodes]
            for port in ports:
                self.start(port, "cluster-enabled yes", "cluster-node-timeout 2000")
            for number, port in enumerate(ports):
                _wait_for(lambda port=port: self._answers(port))  # type: ignore[misc]
                with self.client(port) as client:
                    client.execute_command("CLUSTER SET-CONFIG-EPOCH", number + 1)
                    client.cluster("ADDSLOTS", *range(number * SLOTS // 3, (number + 1) * SLOTS // 3))
                    client.cluster("MEET", LOOPBACK, ports[0])
            for (_, port), (_, other) in zip(self.nodes, self.replicas, strict=False):
                self._join(port, other)
            for port in ports:
                _wait_for(lambda port=port: self._whole(port))  # type: ignore[misc]
        except BaseException:
            self.__exit__()
            raise
        return self

    def _join(self, port: int, replica: int) -> None:
        """Start a replica of the node at this port."""
        self.start(replica, "cluster-enabled yes", "cluster-node-timeout 2000")
        _wait_for(lambda: self._answers(replica))
        with self.client(port) as node, self.client(replica) as client:
            name = str(node.execute_command("CLUSTER MYID"), "ascii")

            def replicates() -> bool:
                client.cluster("MEET", LOOPBACK, port)  # again: on a busy machine a handshake may come to nothing
                return bool(client.execute_command("CLUSTER REPLICATE", name))

            _wait_for(replicates)
            _wait_for(lambda: client.info("replication")["master_link_status"] == "up")

    def _answers(self, port: int) -> bool:
        with self.client(port) as client:
            return bool(client.ping())

    def _whole(self, port: int) -> bool:
        with self.client(port) as client:
            state = cast("dict[str, str]", client.cluster("INFO"))
        return state["cluster_state"] == "ok" and state["cluster_size"] == "3"


def _ports(count: int) -> int:
    """The first of free ports in a row. Low: the nodes of a cluster also talk to each other, on these + 10000.

    Those too must stay below the ports that the kernel hands out, from 32768 on. Other processes that run tests look
    elsewhere: until its server listens, a port is free for all.
    """
    return free_range(count, lowest=20500 + os.getpid() % 220 * 10)


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = monotonic() + READY_SECONDS
    while True:
        with contextlib.suppress(RedisError):
            if condition():
                return
        assert monotonic() < deadline, "the servers did not get ready"
        sleep(0.05)
