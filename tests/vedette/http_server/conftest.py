"""The server is tested as the receiver's, on real sockets."""

from tests.receiver.conftest import make_settings, receiver, store

__all__ = ("make_settings", "receiver", "store")
