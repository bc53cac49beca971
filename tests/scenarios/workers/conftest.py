"""Workers as processes of their own, with plugins and a server: the fixtures of `tests.workers`."""

from tests.workers.conftest import broker, python, server, site, site_on, start_worker, until

__all__ = ["broker", "python", "server", "site", "site_on", "start_worker", "until"]
