"""The names of everything that Vedette keeps in Redis.

All keys carry the hash tag `{vedette}`, so that one script may touch several of them on a Redis Cluster.

| key | type | holds |
|---|---|---|
| `{vedette}:edition` | string | the edition of all that follows; see `edition.py` |
| `{vedette}:delivery:ID` | hash | one delivery: its record (packed; see `stored_record.py`), its body and its state |
| `{vedette}:deliveries` | sorted set | delivery ids by the time of acceptance, in milliseconds |
| `{vedette}:seen:KEY` | string | the id of the delivery that came with this deduplication key, for a time |
| `{vedette}:bodies` | hash | fingerprint of a body -> the id of the delivery it came with, while that is kept |
| `{vedette}:arrivals:INTEGRATION:OCCURRENCE` | sorted set | deliveries of an occurrence by the time they were sent |
| `{vedette}:known_issues:INTEGRATION` | sorted set | issues that deliveries named, by the time of the latest |
| `{vedette}:pictures:INTEGRATION` | hash | issue -> its state when it was last read |
| `{vedette}:reconciled` | hash | integration -> start of its last complete sweep, in milliseconds |
| `{vedette}:reconcile:INTEGRATION` | hash | the watermark, the last sweep and the totals of reconciliation |
| `{vedette}:reconcile:INTEGRATION:lease` | string | the worker that is sweeping |
| `{vedette}:run:DELIVERY:HANDLER` | hash | one handler's work on one delivery |
| `{vedette}:journal` | stream | events in the order in which they happened: accepted, decided, ended |
| `{vedette}:stored` | string | bytes of stored bodies and records |
| `{vedette}:roster` | string | the handlers that the workers have loaded, as JSON |
| `{vedette}:queue:NAME` | list | ids of the queued messages, the next one first |
| `{vedette}:queue:NAME.msgs` | hash | message id -> message |
| `{vedette}:queue:NAME.in_flight:WORKER` | sorted set | messages a worker has taken and not acknowledged, in order |
| `{vedette}:queues` | set | the names of all queues |
| `{vedette}:workers` | sorted set | worker id -> its last heartbeat, in milliseconds by the server's clock |
| `{vedette}:subject:SUBJECT` | sorted set | deliveries of a subject (and tenant) by time; 0 until they are decided |
| `{vedette}:resource:RESOURCE` | sorted set | deliveries of a resource by time |
| `{vedette}:rebuilt` | sorted set | rebuilt deliveries by time |
| `{vedette}:rule:RULE` | sorted set | deliveries on which a rule matched, by time |
| `{vedette}:runs:HANDLER` | sorted set | a handler's runs, by the code of their state and the delivery's time |
| `{vedette}:handlers` | set | the handlers that have such an index |
| `{vedette}:requests:PART` | hash | digest of Sentry's Request-ID -> the deliveries that came with it |
| `{vedette}:labels:TENANT` | hash | short id of an issue, in lower case -> its id |
| `{vedette}:tenants` | set | the tenants that have such a hash |
| `{vedette}:schedule` | sorted set | ids of delayed messages by the time they are due |
| `{vedette}:schedule.messages` | hash | delayed message id -> message |
| `{vedette}:cron_jobs` | hash | scheduled job -> the time that it waits for |
| `{vedette}:scheduler_leader` | string | the worker that is elected to promote delayed messages |
| `{vedette}:order:HANDLER:SUBJECT` | sorted set | the order queue: runs of a handler on one subject |
| `{vedette}:slots:HANDLER` | sorted set | runs that have a slot of a handler with a concurrency limit |
| `{vedette}:slot_waiters:HANDLER` | sorted set | runs that wait for one |
| `{vedette}:coalesce:HANDLER:SUBJECT` | hash | the events that are coalesced into one run |
| `{vedette}:throttle:HANDLER:...` | list | planned and actual start times of a handler with a rate limit |
| `{vedette}:dead` | sorted set | dead letters, `DELIVERY:HANDLER`, by the time they ended |
| `{vedette}:counts` | hash | how many runs ended in each state |
| `{vedette}:outcomes:HOUR` | hash | minute and effect -> how many runs ended so; for 48 hours |
| `{vedette}:unfinished` | sorted set | deliveries that have not ended, by the time of their next check |
| `{vedette}:suspects` | hash | runs that were stalled at their last check |
| `{vedette}:audit` | stream | the audit, entry by entry, each with the hash that chains it to the previous one |
| `{vedette}:audit:KIND:NAME` | sorted set | places of the entries about a handler, issue, rule, project or delivery |
| `{vedette}:audit:outcomes:PART` | hash | number of an entry -> place of its outcome |
| `{vedette}:audit:head` | hash | number and hash of the newest entry, and of the newest that was removed for its age |
| `{vedette}:paused` | hash | principal, or `*` for all -> who paused it and when |
| `{vedette}:writes:principal:KEY` | sorted set | times of a principal's writes within the hour |
| `{vedette}:writes:principal:KEY:TENANT:ISSUE` | sorted set | the same for one issue |
| `{vedette}:writes:issue:TENANT:ISSUE` | sorted set | times of all principals' writes to one issue within the hour |
| `{vedette}:calls` | hash | principal and result -> how many calls |
| `{vedette}:own:TENANT:ISSUE` | hash | our own writes to an issue that may still cause an echo |
| `{vedette}:own:TENANT:ISSUE:echoes` | hash | write -> the delivery that was its echo |
| `{vedette}:proposal:ID` | hash | a write that waits for a person |
| `{vedette}:proposals` | sorted set | their ids by the time they expire |
| `{vedette}:proposals:decided` | sorted set | ids of those that were decided, by the time of that |
| `{vedette}:skip_reasons:DELIVERY` | string | handler -> why it was skipped, as JSON |
| `{vedette}:state:HANDLER` | hash | a handler's counters, by tenant and name |
| `{vedette}:state:HANDLER:claim:NAME` | string | the delivery that claimed a name of the handler's for a time |
| `{vedette}:sent:ID` | string | a message that was sent, so that a repeated attempt does not send it again |
| `{vedette}:thread:CHANNEL:NAME` | string | the id that the channel's service gave to the first message of a thread |
| `{vedette}:batch_opener:PRINCIPAL:CHANNEL` | string | the delivery that opened a batch of messages |
| `{vedette}:batch:PRINCIPAL:CHANNEL` | hash | delivery -> message that waits in the batch |
| `{vedette}:agent_tokens` | hash | id of an agent's token -> its SHA-256, agent, times and note, as JSON |
| `{vedette}:agent_tokens:used` | hash | id of an agent's token -> when it was last used, in milliseconds |
| `{vedette}:agent_untrusted:NAME` | string | for ten minutes after an agent has read text from events |
| `{vedette}:agent_reads` | stream | batches of agents' reads, whose digests are in the audit |
| `{vedette}:agent_reads:NAME` | hash | minute -> how many reads an agent has made in it |
| `{vedette}:agent_usage:NAME` | hash | operation -> how often an agent has called it; `last` -> when it last called |
| `{vedette}:watch` | hash | integration and check of the watchdog -> its state, as JSON |
| `{vedette}:lock:watchdog` | string | the worker that looked last, until the next look is due |
| `{vedette}:receivers` | hash | receiver -> its latest report, as JSON |
| `{vedette}:last_deliveries` | hash | integration and resource -> when its latest delivery was accepted |
| `{vedette}:token:INTEGRATION` | string | the scopes that its token has |
| `{vedette}:refused_tokens` | hash | integration and fingerprint of a token that Sentry refuses -> its state, as JSON |
| `{vedette}:token_waiters:INTEGRATION` | sorted set | runs that wait until its token works |
| `{vedette}:console:link:FINGERPRINT` | string | the account that a one-time link signs in, as JSON, for ten minutes |
| `{vedette}:console:attempt:FINGERPRINT` | string | a sign-in that a provider is to answer, as JSON, for ten minutes |
| `{vedette}:console:session:FINGERPRINT` | string | a session of the console, as JSON |
| `{vedette}:console:sessions` | sorted set | fingerprints of sessions by the time at which they end |
| `{vedette}:console:tokens` | hash | id of an API token -> its SHA-256, account and times, as JSON |
| `{vedette}:console:job:ID` | string | an order on many things and its progress, as JSON, for a day |
| `{vedette}:console:job:ID:stop` | string | there where it is to stop after its present step |
| `{vedette}:console:draft:ID` | string | a draft of a rules file, as JSON, for two weeks |
| `{vedette}:console:orders:FINGERPRINT` | string | the answer to an order with an `Idempotency-Key`, for a day |
| `{vedette}:token_waiters:handler HANDLER` | sorted set | runs that wait until their handler is enabled |
| `{vedette}:disabled` | hash | handler that is disabled -> who disabled it and when, as JSON |
| `{vedette}:alarms` | hash | kind and subject of an alarm -> its state, as JSON |
| `{vedette}:alarm_samples` | string | counters of the last hour, as JSON |

TENANT is the Sentry and organization of the issue (`vedette.settings.tenant`): two Sentrys give the same ids.
The scripts about runs describe their keys in `runs/_shared.lua`.
"""

PREFIX = "{vedette}:"

EDITION_KEY = f"{PREFIX}edition"
DELIVERIES = f"{PREFIX}deliveries"
HANDLERS = f"{PREFIX}handlers"
KNOWN_TENANTS = f"{PREFIX}tenants"
REBUILT = f"{PREFIX}rebuilt"
JOURNAL = f"{PREFIX}journal"
STORED = f"{PREFIX}stored"
ROSTER = f"{PREFIX}roster"
QUEUE_NAMESPACE = f"{PREFIX}queue"
QUEUES = f"{PREFIX}queues"
WORKERS = f"{PREFIX}workers"
SCHEDULE = f"{PREFIX}schedule"
SCHEDULED_MESSAGES = f"{SCHEDULE}.messages"
CRON_JOBS = f"{PREFIX}cron_jobs"
SCHEDULER_LEADER = f"{PREFIX}scheduler_leader"
WAKE_LEADER = f"{SCHEDULE}:wake"
RECEIVERS = f"{PREFIX}receivers"
WATCH = f"{PREFIX}watch"
WATCH_LOCK = f"{PREFIX}lock:watchdog"
LAST_DELIVERIES = f"{PREFIX}last_deliveries"
RECONCILED = f"{PREFIX}reconciled"
DEAD = f"{PREFIX}dead"
COUNTS = f"{PREFIX}counts"
AUDIT = f"{PREFIX}audit"
AUDIT_HEAD = f"{PREFIX}audit:head"
PAUSED = f"{PREFIX}paused"
DISABLED = f"{PREFIX}disabled"
CALLS = f"{PREFIX}calls"
PROPOSALS = f"{PREFIX}proposals"
DECIDED_PROPOSALS = f"{PROPOSALS}:decided"
ALARMS = f"{PREFIX}alarms"
ALARM_SAMPLES = f"{PREFIX}alarm_samples"
REFUSED_TOKENS = f"{PREFIX}refused_tokens"
AGENT_TOKENS = f"{PREFIX}agent_tokens"
AGENT_TOKENS_USED = f"{AGENT_TOKENS}:used"
AGENT_READS = f"{PREFIX}agent_reads"
CONSOLE = f"{PREFIX}console:"
CONSOLE_SESSIONS = f"{CONSOLE}sessions"
CONSOLE_TOKENS = f"{CONSOLE}tokens"

DELIVERY_PREFIX = f"{PREFIX}delivery:"
SEEN_PREFIX = f"{PREFIX}seen:"
RUN_PREFIX = f"{PREFIX}run:"

JOURNAL_LENGTH = 10_000
"""About how many journal entries are kept."""


def scoped(tenant: str, name: str) -> str:
    """Return a name with its tenant before it, as every key about an object of Sentry has it; see `accept.lua`.

    Args:
        tenant: The tenant (`vedette.settings.tenant`); empty for what belongs to none.
        name: The name within the tenant, such as `issue:42`; empty stays empty.
    """
    return f"{tenant} {name}" if tenant and name else name


def arrivals_key(integration: str, occurrence: str) -> str:
    """Return the key of the deliveries of one occurrence, by the time at which Sentry sent them."""
    return f"{PREFIX}arrivals:{integration}:{occurrence}"


def known_issues_key(integration: str) -> str:
    """Return the key of the issues that deliveries named."""
    return f"{PREFIX}known_issues:{integration}"


def pictures_key(integration: str) -> str:
    """Return the key of the pictures of known issues."""
    return f"{PREFIX}pictures:{integration}"


def reconcile_key(integration: str) -> str:
    """Return the key of the state of reconciliation."""
    return f"{PREFIX}reconcile:{integration}"


def subject_key(subject: str) -> str:
    """Return the key of the deliveries of a subject, given with its tenant."""
    return f"{PREFIX}subject:{subject}"


def resource_key(resource: str) -> str:
    """Return the key of the deliveries of a resource."""
    return f"{PREFIX}resource:{resource}"


def rule_key(rule: str) -> str:
    """Return the key of the deliveries on which a rule matched."""
    return f"{PREFIX}rule:{rule}"


def handler_runs_key(handler: str) -> str:
    """Return the key of a handler's runs, by state and time."""
    return f"{PREFIX}runs:{handler}"


def labels_key(tenant: str) -> str:
    """Return the key of the short ids of a tenant's issues."""
    return f"{PREFIX}labels:{tenant}"


def delivery_key(delivery: str) -> str:
    """Return the key of one delivery's hash."""
    return f"{DELIVERY_PREFIX}{delivery}"


def run_key(delivery: str, handler: str) -> str:
    """Return the key of one run's hash."""
    return f"{RUN_PREFIX}{delivery}:{handler}"


def queue_key(queue: str) -> str:
    """Return the key of the list of message ids that dramatiq's consumers pop from."""
    return f"{QUEUE_NAMESPACE}:{queue}"


def messages_key(queue: str) -> str:
    """Return the key of a queue's hash of message id -> encoded message."""
    return f"{QUEUE_NAMESPACE}:{queue}.msgs"


def in_flight_key(queue: str, worker: str) -> str:
    """Return the key of the messages of a queue that are in flight at a worker."""
    return f"{queue_key(queue)}.in_flight:{worker}"


def skip_reasons_key(delivery: str) -> str:
    """Return the key of the reasons for which handlers were skipped on a delivery."""
    return f"{PREFIX}skip_reasons:{delivery}"


def principal_writes_key(principal: str, issue: str = "") -> str:
    """Return the key of a principal's writes, to one issue or to all."""
    return f"{PREFIX}writes:principal:{principal}:{issue}" if issue else f"{PREFIX}writes:principal:{principal}"


def issue_writes_key(issue: str) -> str:
    """Return the key of all principals' writes to an issue."""
    return f"{PREFIX}writes:issue:{issue}"


def own_writes_key(issue: str) -> str:
    """Return the key of our own writes to an issue."""
    return f"{PREFIX}own:{issue}"


def echoes_key(issue: str) -> str:
    """Return the key of the echoes that were recognised."""
    return f"{PREFIX}own:{issue}:echoes"


def proposal_key(proposal: str) -> str:
    """Return the key of one proposal."""
    return f"{PREFIX}proposal:{proposal}"


def counters_key(handler: str) -> str:
    """Return the key of a handler's counters."""
    return f"{PREFIX}state:{handler}"


def claim_key(handler: str, name: str) -> str:
    """Return the key of one claim of a handler."""
    return f"{PREFIX}state:{handler}:claim:{name}"


def untrusted_read_key(agent: str) -> str:
    """Return the key of the note that an agent has read text from events."""
    return f"{PREFIX}agent_untrusted:{agent}"


def agent_reads_key(agent: str) -> str:
    """Return the key of an agent's reads within the hour, by the minute."""
    return f"{AGENT_READS}:{agent}"


def agent_usage_key(agent: str) -> str:
    """Return the key of the operations that an agent has called."""
    return f"{PREFIX}agent_usage:{agent}"


def sign_in_link_key(fingerprint: str) -> str:
    """Return the key of a one-time link for the console."""
    return f"{CONSOLE}link:{fingerprint}"


def sign_in_attempt_key(fingerprint: str) -> str:
    """Return the key of a sign-in that an identity provider is to answer."""
    return f"{CONSOLE}attempt:{fingerprint}"


def console_session_key(fingerprint: str) -> str:
    """Return the key of a session of the console."""
    return f"{CONSOLE}session:{fingerprint}"


def console_order_key(fingerprint: str) -> str:
    """Return the key of the answer to an order with an `Idempotency-Key`."""
    return f"{CONSOLE}orders:{fingerprint}"


def bulk_job_key(identifier: str) -> str:
    """Return the key of an order on many things at once."""
    return f"{CONSOLE}job:{identifier}"


def bulk_job_stop_key(identifier: str) -> str:
    """Return the key that is there where an order on many things is to stop."""
    return f"{bulk_job_key(identifier)}:stop"


def rule_draft_key(identifier: str) -> str:
    """Return the key of a draft of a rules file."""
    return f"{CONSOLE}draft:{identifier}"


def token_key(integration: str) -> str:
    """Return the key of the scopes of an integration's token."""
    return f"{PREFIX}token:{integration}"


def token_waiters_key(integration: str) -> str:
    """Return the key of the runs that wait until an integration's token works."""
    return f"{PREFIX}token_waiters:{integration}"


def sent_key(identifier: str) -> str:
    """Return the key of the note that a message was sent."""
    return f"{PREFIX}sent:{identifier}"


def thread_key(channel: str, name: str) -> str:
    """Return the key of the first message of a thread."""
    return f"{PREFIX}thread:{channel}:{name}"


def batch_opener_key(principal: str, channel: str) -> str:
    """Return the key of the delivery that opened a batch of messages."""
    return f"{PREFIX}batch_opener:{principal}:{channel}"


def batch_key(principal: str, channel: str) -> str:
    """Return the key of the messages that wait in a batch."""
    return f"{PREFIX}batch:{principal}:{channel}"
