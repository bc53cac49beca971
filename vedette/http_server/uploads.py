"""Limits the memory of unfinished bodies, overall and for each peer.

A body cannot be verified before its last byte, so a limit that rejected the newest upload would let any client block
the server by holding uploads open. When a limit is reached, the uploads with the largest product of bytes and seconds
are rejected. A real delivery is complete within milliseconds and never the first of them.
"""

import time
from collections.abc import Callable

SMALL = 64 * 1024
"""Nearly all of Sentry's webhooks are smaller, in bytes."""
_RESERVE = 8
"""The fraction 1/n of the memory that is reserved for small bodies, and that is freed at once when a limit is reached:
selecting many uploads costs as much as selecting one."""
_YOUNGEST = 0.001
"""Seconds added to each age, so that size decides between uploads that began together."""


class Upload:
    """One unfinished body."""

    __slots__ = ("began", "peer", "reject", "size")

    def __init__(self, peer: str, reject: Callable[[], None]) -> None:
        self.began = time.monotonic()
        self.peer = peer
        self.reject = reject
        self.size = 0


class Uploads:
    """All unfinished bodies of one server."""

    def __init__(self, *, limit: int, peer_limit: int) -> None:
        """Set the limits.

        Args:
            limit: The bytes that all unfinished bodies may hold.
            peer_limit: The bytes that those of one peer may hold.
        """
        self._limit = limit
        self._reserve = limit // _RESERVE
        self._peer_limit = peer_limit
        self._uploads: set[Upload] = set()
        self._of_peers: dict[str, int] = {}
        self.held = 0
        """Bytes of unfinished bodies held now."""

    def begin(self, peer: str, reject: Callable[[], None]) -> Upload:
        """Return a new upload of no bytes.

        Args:
            peer: The peer whose share it counts for; empty where only the overall limit applies.
            reject: Called at most once, when this upload is rejected; frees its memory at once.
        """
        upload = Upload(peer, reject)
        self._uploads.add(upload)
        return upload

    def grow(self, upload: Upload, size: int) -> None:
        """Account for `size` more bytes; above a limit, reject uploads, which may include this one."""
        upload.size += size
        self.held += size
        peer = upload.peer
        if peer:
            of_peer = self._of_peers[peer] = self._of_peers.get(peer, 0) + size
            if of_peer > self._peer_limit:
                candidates = [other for other in self._uploads if other.peer == peer]
                self._reject(candidates, of_peer - self._peer_limit + self._peer_limit // _RESERVE)
        limit = self._limit if upload.size <= SMALL else self._limit - self._reserve
        if self.held > limit:
            self._reject(list(self._uploads), self.held - limit + self._reserve)

    def end(self, upload: Upload) -> None:
        """Remove an upload that is complete, rejected or aborted."""
        if upload not in self._uploads:
            return
        self._uploads.remove(upload)
        self.held -= upload.size
        if upload.peer:
            left = self._of_peers.get(upload.peer, 0) - upload.size
            if left > 0:
                self._of_peers[upload.peer] = left
            else:
                self._of_peers.pop(upload.peer, None)

    def _reject(self, candidates: list[Upload], size: int) -> None:
        now = time.monotonic()
        candidates.sort(key=lambda upload: upload.size * (now - upload.began + _YOUNGEST), reverse=True)
        for upload in candidates:
            if size <= 0:
                return
            size -= upload.size
            self.end(upload)
            upload.reject()
