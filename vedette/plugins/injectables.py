"""Lists the parameters of handlers and providers that Vedette itself fills."""

ARGUMENTS = ("event", "ctx", "sentry", "notify", "state", "guide", "log", "settings")
AWAITED = ("sentry", "notify")
"""Those with calls that must be awaited, so that a plain function cannot have them."""
GUIDE = "guide"
OF_PROVIDERS = ("log", "settings")
"""Those that a provider can have too: the others belong to one run."""
