"""The names of what Redis holds about access: the audit, budgets, the pause, proposals, our own writes.

| key | type | holds |
|---|---|---|
| `{vedette}:audit` | stream | the audit, entry by entry, each with the hash that chains it to the one before |
| `{vedette}:audit:head` | hash | number and hash of the newest entry, and of the newest that was removed for its age |
| `{vedette}:paused` | hash | handler, or `*` for all -> who paused it and when |
| `{vedette}:writes:handler:NAME` | sorted set | times of a handler's writes within the hour |
| `{vedette}:writes:handler:NAME:TENANT:ISSUE` | sorted set | the same for one issue |
| `{vedette}:writes:issue:TENANT:ISSUE` | sorted set | times of all handlers' writes to one issue within the hour |
| `{vedette}:calls` | hash | `HANDLER what` -> how many calls |
| `{vedette}:own:TENANT:ISSUE` | hash | our own writes to an issue whose echoes are awaited |
| `{vedette}:own:TENANT:ISSUE:echoes` | hash | write -> the delivery that was its echo |
| `{vedette}:proposal:ID` | hash | a write that waits for a person |
| `{vedette}:proposals` | sorted set | their ids by the time they expire |
| `{vedette}:considered:DELIVERY` | string | handler -> why it was left out, as JSON |
| `{vedette}:state:HANDLER` | hash | a handler's counters |
| `{vedette}:state:HANDLER:claim:NAME` | string | the delivery that claimed a name of the handler's for a time |
| `{vedette}:told:ID` | string | a message that was sent, so that a repeated attempt does not send it again |
| `{vedette}:thread:CHANNEL:NAME` | string | what the first message of a thread is called by its service |
| `{vedette}:gathering:HANDLER:CHANNEL` | string | the delivery that was told first, while others are gathered |
| `{vedette}:gathered:HANDLER:CHANNEL` | hash | delivery -> message that waits to be told with others |
| `{vedette}:token:INTEGRATION` | string | the scopes that its token really holds |

TENANT is the Sentry and organization whose issue it is (`vedette.settings.tenant`): two Sentrys give the same ids.
"""

from vedette.store.server.keys import PREFIX

AUDIT = f"{PREFIX}audit"
AUDIT_HEAD = f"{PREFIX}audit:head"
PAUSED = f"{PREFIX}paused"
CALLS = f"{PREFIX}calls"
PROPOSALS = f"{PREFIX}proposals"


def considered_key(delivery: str) -> str:
    """Return the key of why handlers were left out of a delivery."""
    return f"{PREFIX}considered:{delivery}"


def handler_writes_key(handler: str, issue: str = "") -> str:
    """Return the key of a handler's writes, to one issue or to all."""
    return f"{PREFIX}writes:handler:{handler}:{issue}" if issue else f"{PREFIX}writes:handler:{handler}"


def issue_writes_key(issue: str) -> str:
    """Return the key of all handlers' writes to an issue."""
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


def token_key(integration: str) -> str:
    """Return the key of what an integration's token holds."""
    return f"{PREFIX}token:{integration}"


def told_key(identifier: str) -> str:
    """Return the key that says that a message was sent."""
    return f"{PREFIX}told:{identifier}"


def thread_key(channel: str, name: str) -> str:
    """Return the key of where a thread began."""
    return f"{PREFIX}thread:{channel}:{name}"


def gathering_key(handler: str, channel: str) -> str:
    """Return the key of who began a time of gathering."""
    return f"{PREFIX}gathering:{handler}:{channel}"


def gathered_key(handler: str, channel: str) -> str:
    """Return the key of messages that wait to be told as one."""
    return f"{PREFIX}gathered:{handler}:{channel}"
