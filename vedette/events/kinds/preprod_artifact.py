"""`preprod_artifact` webhooks: a mobile build was measured or made available to testers."""

from dataclasses import dataclass
from typing import Any

from vedette.events.event import Event
from vedette.events.payload.envelope import ProjectRef
from vedette.events.payload.fields import CamelPayload, Identifier, Items, Maybe, Timestamp


class AppInfo(CamelPayload):
    """The app in the build."""

    app_id: Maybe[str]
    name: Maybe[str]
    version: Maybe[str]
    build_number: Maybe[int]
    artifact_type: Maybe[str]
    """XCARCHIVE, AAB, IPA, APK."""
    date_added: Maybe[Timestamp]
    date_built: Maybe[Timestamp]


class GitInfo(CamelPayload):
    """The commit and branch that the build was made from."""

    head_sha: Maybe[str]
    base_sha: Maybe[str]
    provider: Maybe[str]
    head_repo_name: Maybe[str]
    base_repo_name: Maybe[str]
    head_ref: Maybe[str]
    base_ref: Maybe[str]
    pr_number: Maybe[int]


class PreprodArtifactData(CamelPayload):
    """Content of a `preprod_artifact` webhook; fields depend on the action."""

    build_id: Maybe[Identifier]
    organization_slug: Maybe[str]
    project_slug: Maybe[str]
    project_id: Maybe[Identifier]
    platform: Maybe[str]
    """APPLE, ANDROID."""
    state: Maybe[str]
    """COMPLETED or FAILED: an action that ends in `completed` does not mean success."""
    app_info: Maybe[AppInfo]
    git_info: Maybe[GitInfo]
    error_code: Maybe[str]
    """PROCESSING_ERROR, TIMEOUT, UNSUPPORTED_ARTIFACT, NO_QUOTA, SKIPPED, UNKNOWN."""
    error_message: Maybe[str]

    download_size: Maybe[int]
    """Bytes, as the next one; both on `size_analysis_completed`."""
    install_size: Maybe[int]
    analysis_duration: Maybe[float]
    analysis_version: Maybe[str]
    base_build_id: Maybe[Identifier]
    base_app_info: Maybe[AppInfo]
    comparisons: Items[dict[str, Any]]
    """One object per measured part; `sizeMetricDiff` in it holds the sizes of head and base."""

    build_configuration: Maybe[str]
    is_installable: Maybe[bool]
    """Like the rest, on `build_distribution_completed`."""
    install_url: Maybe[str]
    is_code_signature_valid: Maybe[bool]
    profile_name: Maybe[str]
    codesigning_type: Maybe[str]


@dataclass(frozen=True, kw_only=True, repr=False)
class PreprodArtifactEvent(Event):
    """A build was measured or distributed, or failed to be: ask `is_failed`."""

    data: PreprodArtifactData

    @property
    def build_id(self) -> str | None:
        """Id of the build."""
        return self.data.build_id

    @property
    def is_failed(self) -> bool:
        """Return whether it failed, although the action says `completed`."""
        return self.data.state == "FAILED"

    @property
    def project(self) -> ProjectRef:
        """The project's slug, and its id on `build_distribution_completed`."""
        return ProjectRef(id=self.data.project_id, slug=self.data.project_slug)

    @property
    def title(self) -> str | None:
        """The app's name."""
        return self.data.app_info.name if self.data.app_info else None

    @property
    def organization_slug(self) -> str | None:
        """Slug of the organization."""
        return self.data.organization_slug
