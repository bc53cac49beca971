"""The dramatiq side: broker, actors and retries."""
