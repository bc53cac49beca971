"""The arguments that Vedette itself fills, by their names."""

ARGUMENTS = ("event", "ctx", "sentry", "log", "settings")
OF_PROVIDERS = ("log", "settings")
"""Those that a provider can have too: the others belong to one run."""
