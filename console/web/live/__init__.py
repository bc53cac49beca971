"""Live updates: the journal, followed once and sent to each browser as server-sent events."""
