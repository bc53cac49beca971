"""The arguments that Vedette itself fills, by their names."""

ARGUMENTS = ("event", "ctx", "sentry", "state", "guide", "log", "settings")
GUIDE = "guide"
OF_PROVIDERS = ("log", "settings")
"""Those that a provider can have too: the others belong to one run."""
