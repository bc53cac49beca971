"""Sign-in to the console: one-time links, identity providers, proxies, and the pages for them."""
