"""Bounds the memory of unfinished bodies, over all of them and for each peer.

Nothing proves a body before its last byte has come, so a bound that refused the newest would let anybody shut the door
by holding uploads open. When it is full, the upload that has held most for longest goes: the product of bytes and time.
A real delivery is complete within milliseconds and never the first to go.
"""

import time
from collections.abc import Callable

SMALL = 64 * 1024
"""Nearly all of Sentry's webhooks are smaller, in bytes."""
_RESERVE = 8
"""One part in so many of all memory is kept for small bodies, and is freed at once when a bound is reached: looking for
what goes costs as much for many as for one."""
_YOUNGEST = 0.001
"""The age that the newest counts with, in seconds, so that size decides between uploads of the same moment."""


class Upload:
    """One unfinished body."""

    __slots__ = ("began", "peer", "refuse", "size")

    def __init__(self, peer: str, refuse: Callable[[], None]) -> None:
        self.began = time.monotonic()
        self.peer = peer
        self.refuse = refuse
        self.size = 0


class Uploads:
    """All unfinished bodies of one receiver."""

    def __init__(self, *, limit: int, peer_limit: int) -> None:
        """Set the bounds.

        Args:
            limit: How many bytes unfinished bodies hold at most.
            peer_limit: How many bytes those of one peer hold at most.
        """
        self._limit = limit
        self._reserve = limit // _RESERVE
        self._peer_limit = peer_limit
        self._uploads: set[Upload] = set()
        self._of_peers: dict[str, int] = {}
        self.held = 0
        """Bytes of unfinished bodies held now."""

    def begin(self, peer: str, refuse: Callable[[], None]) -> Upload:
        """Return a new upload that holds nothing yet.

        Args:
            peer: Whose share it counts for; empty where only the bound over all counts.
            refuse: Called at most once, when this upload has to go; frees its memory at once.
        """
        upload = Upload(peer, refuse)
        self._uploads.add(upload)
        return upload

    def grow(self, upload: Upload, size: int) -> None:
        """Count `size` more bytes; when they are too many, refuse uploads, which may be this one."""
        upload.size += size
        self.held += size
        peer = upload.peer
        if peer:
            of_peer = self._of_peers[peer] = self._of_peers.get(peer, 0) + size
            if of_peer > self._peer_limit:
                candidates = [other for other in self._uploads if other.peer == peer]
                self._refuse(candidates, of_peer - self._peer_limit + self._peer_limit // _RESERVE)
        limit = self._limit if upload.size <= SMALL else self._limit - self._reserve
        if self.held > limit:
            self._refuse(list(self._uploads), self.held - limit + self._reserve)

    def end(self, upload: Upload) -> None:
        """Forget an upload: it is complete, refused or broken off."""
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

    def _refuse(self, candidates: list[Upload], size: int) -> None:
        now = time.monotonic()
        candidates.sort(key=lambda upload: upload.size * (now - upload.began + _YOUNGEST), reverse=True)
        for upload in candidates:
            if size <= 0:
                return
            size -= upload.size
            self.end(upload)
            upload.refuse()
