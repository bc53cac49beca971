"""Operations on the objects of an issue: comments, tags, hashes, links to other systems, Seer."""

from collections.abc import Collection
from typing import Any, Literal

from vedette.api.call import Call
from vedette.api.change import Written
from vedette.api.models import (
    Activities,
    Activity,
    Autofix,
    Comment,
    ExternalIssue,
    GroupingHash,
    ReplayCounts,
    Tag,
    TagValue,
    TrackerForm,
    TrackerLink,
    UserReport,
)
from vedette.api.paging import Pages
from vedette.api.resources._caller import IssueReference
from vedette.api.resources.issue_reading import IssueReading, is_fresh, known, reference


class IssueDetails(IssueReading):
    """Operations on the objects of one issue."""

    def comments(self, issue: IssueReference) -> Pages[Comment]:
        """List the comments, newest first."""
        return Pages(self._core, Comment, self._detail("issues.comments", issue))

    async def edit_comment(self, issue: IssueReference, comment: str, text: str) -> Written[Comment]:
        """Change a comment of one's own, by its id; anybody else's is not found."""
        intent = f"edited a comment on {known(self._core, issue).label}"
        call = self._detail("issues.edit_comment", issue, {"note_id": comment}, body={"text": text}, intent=intent)
        return await self._core.write_object(Comment, call)

    async def delete_comment(self, issue: IssueReference, comment: str) -> Written[None]:
        """Delete a comment of one's own, by its id."""
        intent = f"deleted a comment on {known(self._core, issue).label}"
        return await self._core.remove(
            self._detail("issues.delete_comment", issue, {"note_id": comment}, intent=intent)
        )

    async def activities(self, issue: IssueReference) -> list[Activity]:
        """Read what happened to it, newest first."""
        return (await self._core.read(Activities, self._detail("issues.activities", issue))).activity

    async def tags(self, issue: IssueReference, *, environment: Collection[str] = ()) -> list[Tag]:
        """List its tags with their most frequent values."""
        return await self._core.read_list(Tag, self._detail("issues.tags", issue, query={"environment": environment}))

    async def tag(self, issue: IssueReference, key: str, *, environment: Collection[str] = ()) -> Tag:
        """Read one tag."""
        query = {"environment": environment}
        return await self._core.read(Tag, self._detail("issues.tag", issue, {"key": key}, query=query))

    def tag_values(
        self,
        issue: IssueReference,
        key: str,
        *,
        sort: Literal["age", "count", "date", "id"] | None = None,
        environment: Collection[str] = (),
    ) -> Pages[TagValue]:
        """List the values of one tag, 1000 at most."""
        query = {"sort": sort, "environment": environment}
        call = self._detail("issues.tag_values", issue, {"key": key}, query=query)
        return Pages(self._core, TagValue, call, seen_as=lambda data: data.get("value"))

    def hashes(self, issue: IssueReference, *, full: bool = False) -> Pages[GroupingHash]:
        """List its grouping hashes; `full` brings a whole event with each."""
        return Pages(self._core, GroupingHash, self._detail("issues.hashes", issue, query={"full": full}))

    def user_reports(self, issue: IssueReference, *, page_size: int | None = None) -> Pages[UserReport]:
        """List the feedback of end users about it, newest first."""
        return Pages(self._core, UserReport, self._detail("issues.user_reports", issue, query={"per_page": page_size}))

    async def replay_count(self, *issues: IssueReference, stats_period: str | None = None) -> dict[str, int]:
        """Count the session replays of up to 25 issues, by their ids (not short ids); 51 means 51 or more."""
        query = {"query": f"issue.id:[{','.join(map(reference, issues))}]", "statsPeriod": stats_period}
        call = self._core.call("issues.replay_count", query=query)
        counts = await self._core.read(ReplayCounts, call)
        return {issue: counts.count(issue) for issue in map(reference, issues)}

    async def external_issues(self, issue: IssueReference) -> list[ExternalIssue]:
        """List the items that custom integrations linked to it."""
        return await self._core.read_list(ExternalIssue, self._detail("issues.external_issues", issue))

    async def tracker_form(
        self, issue: IssueReference, integration: str, action: Literal["create", "link"]
    ) -> TrackerForm:
        """Read what an installed tracker asks for."""
        query = {"action": action}
        return await self._core.read(
            TrackerForm, self._detail("issues.tracker_form", issue, {"integration_id": integration}, query=query)
        )

    async def create_in_tracker(
        self, issue: IssueReference, integration: str, *, title: str, description: str | None = None, **fields: Any
    ) -> Written[TrackerLink]:
        """Create an item in an installed tracker and link it; further fields are those of its form."""
        body = {"title": title, "description": description, **fields}
        return await self._core.write_object(
            TrackerLink,
            self._detail(
                "issues.create_in_tracker",
                issue,
                {"integration_id": integration},
                body={name: value for name, value in body.items() if value is not None},
                intent=f"created an item in integration {integration} for {known(self._core, issue).label}",
            ),
        )

    async def link_tracker(self, issue: IssueReference, integration: str, item: str) -> Written[TrackerLink]:
        """Link an existing item of an installed tracker, by what the tracker calls it (`SHOP-12`, `acme/shop#12`)."""
        return await self._core.write_object(
            TrackerLink,
            self._detail(
                "issues.link_tracker",
                issue,
                {"integration_id": integration},
                body={"externalIssue": item},
                intent=f"linked {item} to {known(self._core, issue).label}",
            ),
        )

    async def unlink_tracker(self, issue: IssueReference, integration: str, link: str) -> Written[None]:
        """Unlink an item, by the id of the link (not of the item)."""
        return await self._core.remove(
            self._detail(
                "issues.unlink_tracker",
                issue,
                {"integration_id": integration},
                query={"externalIssue": link},
                intent=f"unlinked an item of integration {integration} from {known(self._core, issue).label}",
            )
        )

    async def autofix(self, issue: IssueReference, *, form: Literal["markdown", "xml"] | None = None) -> Autofix:
        """Read how far Seer is; experimental on Sentry's side."""
        return await self._core.read(Autofix, self._detail("issues.autofix", issue, query={"llmFormat": form}))

    async def start_autofix(
        self, issue: IssueReference, *, context: str | None = None, **fields: Any
    ) -> Written[Autofix]:
        """Set Seer to work, with at most 1000 characters of context; experimental on Sentry's side."""
        body = {**({"user_context": context} if context else {}), **fields}
        intent = f"set Seer to work on {known(self._core, issue).label}"
        return await self._core.write_object(
            Autofix, self._detail("issues.start_autofix", issue, body=body, intent=intent)
        )

    def _detail(self, name: str, issue: IssueReference, parameters: dict[str, str] | None = None, **more: Any) -> Call:
        identifier = reference(issue)
        return self._core.call(
            name,
            {"issue_id": identifier, **(parameters or {})},
            issue=identifier,
            project=known(self._core, issue).project,
            fresh=is_fresh(self._core, issue),
            **more,
        )
