"""`sentry.issues`: everything about issues, put together."""

from vedette.api.groups.issue_bulk import IssueBulk
from vedette.api.groups.issue_details import IssueDetails
from vedette.api.groups.issue_writing import IssueWriting


class Issues(IssueWriting, IssueBulk, IssueDetails):
    """Find issues, read what hangs on them, change one or several."""
