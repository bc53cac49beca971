"""Defines the error for bodies that cannot be parsed."""

_SHOWN = 64


class InvalidPayload(ValueError):  # noqa: N818 - the name handler authors and the receiver agreed on
    """A body that cannot be the content of its resource.

    Raised only when the body is not a JSON object, or when it does not carry what its resource promises: the header
    that names the resource is not covered by Sentry's signature, so header and body may disagree.
    The text never quotes the body.

    Attributes:
        resource: the resource that was claimed for the body.
        reason: A short description of the problem.
    """

    def __init__(self, resource: str, reason: str) -> None:
        self.resource = resource
        self.reason = reason
        super().__init__(resource, reason)

    def __str__(self) -> str:
        return (
            f"cannot read this body as {self.resource[:_SHOWN]!r}: {self.reason}. "
            "Quarantine the delivery and compare its Sentry-Hook-Resource header with its body"
        )
