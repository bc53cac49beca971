"""`sentry.issues`: everything about issues, put together."""

from vedette.api.resources.issue_bulk import IssueBulk
from vedette.api.resources.issue_related import IssueDetails
from vedette.api.resources.issue_writing import IssueWriting


class Issues(IssueWriting, IssueBulk, IssueDetails):
    """Find issues, read what hangs on them, change one or several."""
