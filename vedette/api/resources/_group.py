"""What the groups of operations have in common."""

from vedette.api.resources._caller import ApiCaller


class ApiResource:
    """Operations that share a client's way to Sentry."""

    def __init__(self, core: ApiCaller) -> None:
        self._core = core
