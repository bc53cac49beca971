"""The names of everything that Vedette keeps in Redis.

All keys carry the hash tag `{vedette}`, so that one script may touch several of them on a Redis Cluster.

| key | type | holds |
|---|---|---|
| `{vedette}:delivery:ID` | hash | one delivery: its facts (packed; see `facts.py`), its body, and what became of it |
| `{vedette}:deliveries` | sorted set | delivery ids by the time of acceptance, in milliseconds |
| `{vedette}:seen:KEY` | string | the id of the delivery that came with this deduplication key, for a time |
| `{vedette}:bodies` | hash | fingerprint of a body -> the id of the delivery it came with, while that is kept |
| `{vedette}:run:DELIVERY:HANDLER` | hash | one handler's work on one delivery |
| `{vedette}:journal` | stream | what happened, as it happened: accepted, decided, ended |
| `{vedette}:stored` | string | bytes of bodies kept |
| `{vedette}:roster` | string | the handlers that the workers have loaded, as JSON |
| `{vedette}:queue:NAME` | list | ids of the messages that wait, the next one first |
| `{vedette}:queue:NAME.msgs` | hash | message id -> message |
| `{vedette}:queue:NAME.held:WORKER` | sorted set | what a worker has taken and not acknowledged, in that order |
| `{vedette}:queues` | set | the names of all queues |
| `{vedette}:workers` | sorted set | worker id -> its last sign of life, in milliseconds by the server's clock |
| `{vedette}:undecided:SUBJECT` | sorted set | accepted deliveries of a subject (and tenant) that are not decided yet |
| `{vedette}:schedule` | sorted set | what is queued later, by when; `{vedette}:schedule.messages` has the messages |
| `{vedette}:ticks` | hash | periodic job -> the time that it waits for |
| `{vedette}:mover` | string | the worker that is elected to move what is due |
| `{vedette}:dead` | sorted set | runs that a person has to decide about: `DELIVERY:HANDLER` by when they ended |
| `{vedette}:counts` | hash | how many runs ended in each state |
| `{vedette}:unfinished` | sorted set | deliveries that have not ended, by when the workers look at them next |
| `{vedette}:suspects` | hash | what was stalled at the last look at it |

The keys of lanes, windows and limits are described where they are used, in `runs.lua`.
"""

PREFIX = "{vedette}:"

DELIVERIES = f"{PREFIX}deliveries"
JOURNAL = f"{PREFIX}journal"
STORED = f"{PREFIX}stored"
ROSTER = f"{PREFIX}roster"
QUEUE_NAMESPACE = f"{PREFIX}queue"
QUEUES = f"{PREFIX}queues"
WORKERS = f"{PREFIX}workers"
SCHEDULE = f"{PREFIX}schedule"
SCHEDULED_MESSAGES = f"{SCHEDULE}.messages"
TICKS = f"{PREFIX}ticks"
MOVER = f"{PREFIX}mover"
WAKE_MOVER = f"{SCHEDULE}:wake"
DEAD = f"{PREFIX}dead"
COUNTS = f"{PREFIX}counts"

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


def held_key(queue: str, worker: str) -> str:
    """Return the sorted set of the messages of a queue that a worker has taken and not acknowledged."""
    return f"{queue_key(queue)}.held:{worker}"
