"""What the groups of operations have in common."""

from vedette.api.resources._caller import Core


class Group:
    """Operations that share a client's way to Sentry."""

    def __init__(self, core: Core) -> None:
        self._core = core
