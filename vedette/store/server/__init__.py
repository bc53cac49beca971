"""The connection to Redis: URLs, discovery, failover, retries, keys, scripts."""
