# The parts that the workers use; the library leaves them untyped.
from typing import Any

from dramatiq.broker import Broker, Consumer
from dramatiq.middleware import Middleware

class RedisBroker(Broker):
    queues: set[str]
    def __init__(
        self,
        *,
        url: str | None = None,
        middleware: list[Middleware] | None = None,
        namespace: str = "dramatiq",
        maintenance_chance: int = ...,
        client: Any = None,
    ) -> None: ...
    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 5000) -> Consumer: ...
    def declare_queue(self, queue_name: str) -> None: ...
    def enqueue(self, message: Any, *, delay: int | None = None) -> Any: ...
