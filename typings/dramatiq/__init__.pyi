# The names that Vedette imports from the package itself; the library leaves `actor` partly untyped.
from collections.abc import Callable
from typing import Any

from dramatiq import worker as worker
from dramatiq.broker import Broker as Broker
from dramatiq.broker import set_broker as set_broker
from dramatiq.errors import Retry as Retry
from dramatiq.message import Message as Message
from dramatiq.worker import Worker as Worker

__version__: str

def actor(function: Callable[..., Any] | None = None, **options: Any) -> Any: ...
