"""Sign-in to the web console: one-time links, sessions and API tokens, of which only hashes are stored."""
