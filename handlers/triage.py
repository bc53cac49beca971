"""The auto-triage handler: it does what a person on duty does first with a new issue.

It acts on little, and only where nobody would disagree: Sentry's own example events are resolved, noise that the
application cannot cause is archived until it escalates, and an issue that Sentry knows an owner for is assigned to it.
"""

import re

from vedette import Context, Event, Sentry, on

_EXAMPLES = ("This is an example Python exception", "Sentry Test Error", "This is a test error from Sentry")
_NOISE = re.compile(
    r"ResizeObserver loop"
    r"|^Script error\.?$"
    r"|\b(?:chrome|moz|safari|safari-web)-extension://"
    r"|Extension context invalidated"
    r"|Non-Error promise rejection captured with value: Object Not Found Matching Id",
)


@on("issue.created", "issue.unresolved", needs=("event:write", "team:read"))
async def triage(event: Event, sentry: Sentry, ctx: Context) -> None:
    """Resolve examples, archive noise, assign what has an owner."""
    if event.issue_id is None:
        return
    issue = await sentry.issues.get(event.issue_id, expand=["owners"])
    text = f"{issue.title}\n{issue.culprit or ''}"
    if issue.status != "unresolved":
        ctx.note(f"left {issue.label} alone: it is {issue.status} already")
    elif any(example in text for example in _EXAMPLES):
        await sentry.issues.resolve(issue)
    elif event.name == "issue.created" and _NOISE.search(text):
        await sentry.issues.archive(issue)
    elif issue.assignee is None and issue.owners:
        await sentry.issues.assign(issue, issue.owners[0].owner)
