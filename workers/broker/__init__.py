"""The dramatiq broker on Redis: consumer, queues, batched acknowledgements, maintenance."""
