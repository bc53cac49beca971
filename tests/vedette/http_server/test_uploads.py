"""Which unfinished body goes when they hold too much."""

import time

from vedette.http_server.uploads import Upload, Uploads

KB = 1024


class Sender:
    """One sender of a body."""

    def __init__(self, uploads: Uploads, peer: str = "", age: float = 0.0) -> None:
        self.refused = 0
        self._uploads = uploads
        self.upload: Upload = uploads.begin(peer, self._refuse)
        self.upload.began = time.monotonic() - age

    def send(self, size: int) -> "Sender":
        self._uploads.grow(self.upload, size)
        return self

    def _refuse(self) -> None:
        self.refused += 1


def test_the_largest_and_oldest_go_and_a_new_one_is_taken() -> None:
    uploads = Uploads(limit=1000 * KB, peer_limit=1000 * KB)
    strangers = [Sender(uploads, age=1.0).send(200 * KB) for _ in range(4)]
    small = Sender(uploads, age=1.0).send(10 * KB)
    real = Sender(uploads).send(150 * KB)
    assert real.refused == small.refused == 0
    assert sum(stranger.refused for stranger in strangers) >= 1
    assert uploads.held <= 1000 * KB


def test_a_new_body_is_taken_though_thousands_of_its_size_are_held_open() -> None:
    uploads = Uploads(limit=1000 * KB, peer_limit=1000 * KB)
    for _ in range(2000):
        Sender(uploads, age=0.5).send(99 * KB)
    real = Sender(uploads).send(60 * KB).send(40 * KB)
    assert real.refused == 0
    assert uploads.held <= 1000 * KB


def test_one_that_is_too_large_by_itself_is_refused_once() -> None:
    uploads = Uploads(limit=100 * KB, peer_limit=100 * KB)
    sender = Sender(uploads).send(200 * KB)
    assert sender.refused == 1
    assert uploads.held == 0


def test_small_bodies_have_a_reserve_that_large_ones_cannot_take() -> None:
    uploads = Uploads(limit=1024 * KB, peer_limit=1024 * KB)
    large = [Sender(uploads, age=1.0).send(128 * KB) for _ in range(7)]
    small = [Sender(uploads).send(10 * KB) for _ in range(12)]
    assert not any(sender.refused for sender in (*large, *small))
    Sender(uploads).send(128 * KB)
    assert any(sender.refused for sender in large)
    assert not any(sender.refused for sender in small)


def test_a_peer_has_a_share_and_makes_room_for_itself_alone() -> None:
    uploads = Uploads(limit=1000 * KB, peer_limit=250 * KB)
    other = Sender(uploads, "198.51.100.1", age=9.0).send(100 * KB)
    greedy = [Sender(uploads, "203.0.113.7", age=1.0).send(100 * KB) for _ in range(5)]
    proxied = [Sender(uploads, "", age=9.0).send(60 * KB) for _ in range(6)]
    assert [sender.refused for sender in greedy].count(1) >= 3
    assert not any(sender.refused for sender in (other, *proxied))
    assert uploads.held <= 100 * KB + 250 * KB + 360 * KB


def test_what_ended_is_forgotten() -> None:
    uploads = Uploads(limit=1000 * KB, peer_limit=250 * KB)
    for _ in range(10):
        sender = Sender(uploads, "203.0.113.7").send(200 * KB)
        uploads.end(sender.upload)
        uploads.end(sender.upload)
        assert sender.refused == 0
    assert uploads.held == 0
