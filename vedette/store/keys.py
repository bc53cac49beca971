"""The names of everything that Vedette keeps in Redis.

All keys carry the hash tag `{vedette}`, so that one script may touch several of them on a Redis Cluster.

| key | type | holds |
|---|---|---|
| `{vedette}:delivery:ID` | hash | one delivery: its facts and its body |
| `{vedette}:deliveries` | sorted set | delivery ids by the time of acceptance, in milliseconds |
| `{vedette}:seen:KEY` | string | the id of the delivery that came with this deduplication key |
| `{vedette}:run:DELIVERY:HANDLER` | hash | one handler's work on one delivery |
| `{vedette}:journal` | stream | what happened, as it happened: accepted, decided, ended |
| `{vedette}:stored` | string | bytes of bodies kept |
| `{vedette}:roster` | string | the handlers that the workers have loaded, as JSON |
| `{vedette}:queue:...` | | dramatiq's own keys: its namespace |
"""

PREFIX = "{vedette}:"

DELIVERIES = f"{PREFIX}deliveries"
JOURNAL = f"{PREFIX}journal"
STORED = f"{PREFIX}stored"
ROSTER = f"{PREFIX}roster"
QUEUE_NAMESPACE = f"{PREFIX}queue"

DELIVERY_PREFIX = f"{PREFIX}delivery:"
SEEN_PREFIX = f"{PREFIX}seen:"
RUN_PREFIX = f"{PREFIX}run:"

JOURNAL_LENGTH = 10_000
"""About how many journal entries are kept."""


def delivery_key(delivery: str) -> str:
    """Return the key of one delivery's hash."""
    return f"{DELIVERY_PREFIX}{delivery}"


def run_key(delivery: str, handler: str) -> str:
    """Return the key of one run's hash."""
    return f"{RUN_PREFIX}{delivery}:{handler}"


def queue_key(queue: str) -> str:
    """Return the list of message ids that dramatiq's consumers pop from."""
    return f"{QUEUE_NAMESPACE}:{queue}"


def messages_key(queue: str) -> str:
    """Return the hash of message id -> encoded message that belongs to a queue."""
    return f"{QUEUE_NAMESPACE}:{queue}.msgs"
