"""The arguments that Vedette itself fills, by their names."""

ARGUMENTS = ("event", "ctx", "sentry", "notify", "state", "guide", "log", "settings")
AWAITED = ("sentry", "notify")
"""Those whose calls are awaited, so that a plain function cannot have them."""
GUIDE = "guide"
OF_PROVIDERS = ("log", "settings")
"""Those that a provider can have too: the others belong to one run."""
