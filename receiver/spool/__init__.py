"""The local file that deliveries go to while Redis is away, slow, full or read-only."""
