"""Serves as one of several receiver processes on a shared socket, started by `receiver.process_group`."""

import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from vedette._core.logging_setup import configure_logging, set_log_level
from vedette._core.user_error import UserError
from vedette.settings.settings import Settings, load_settings

_FEWEST_CONNECTIONS = 8


@dataclass(frozen=True, slots=True)
class MemberPlace:
    """The place of a process in its group."""

    number: int
    """Counted from 1."""
    processes: int
    folder: Path
    """The folder in which the processes of the group keep their metrics for each other."""
    webhooks: int
    """The descriptor of the listening socket."""
    monitoring: int
    """The descriptor of the socket for metrics and health; -1 without one."""

    @property
    def metrics_file(self) -> Path:
        """The file with the metrics of this process."""
        return self.folder / f"{self.number}.prom"

    def arguments(self) -> list[str]:
        """Return the arguments from which `read` makes this place."""
        return [*map(str, (self.number, self.processes, self.folder, self.webhooks, self.monitoring))]

    @classmethod
    def read(cls, arguments: list[str]) -> "MemberPlace":
        """Return the place that these arguments describe."""
        number, processes, folder, webhooks, monitoring = arguments
        return cls(int(number), int(processes), Path(folder), int(webhooks), int(monitoring))

    def share(self, settings: Settings) -> Settings:
        """Return the settings of one process: it has its part of the limits of memory, disk and connections."""
        bounds, among = settings.receiver, self.processes
        shared = {
            "uploads_limit": max(bounds.body_limit, bounds.uploads_limit // among),
            "heads_limit": max(bounds.head_limit, bounds.heads_limit // among),
            "connections_limit": max(_FEWEST_CONNECTIONS, bounds.connections_limit // among),
            "spool_limit": max(bounds.body_limit, bounds.spool_limit // among),
        }
        return settings.model_copy(update={"receiver": bounds.model_copy(update=shared)})


def main() -> None:
    """Serve on the sockets of the group until SIGTERM."""
    from receiver.server import run  # noqa: PLC0415 - the group imports this module for the place alone

    configure_logging()
    place = MemberPlace.read(sys.argv[1:])
    try:
        settings = load_settings()
        set_log_level(settings.log_level)
        run(
            place.share(settings),
            place=place,
            sockets=[socket.socket(fileno=each) for each in (place.webhooks, place.monitoring) if each >= 0],
        )
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(error.exit_code) from None


if __name__ == "__main__":
    main()
