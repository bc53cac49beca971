"""The receiver's pipelined connection to Redis: address, protocol, reconnects, group commit."""
