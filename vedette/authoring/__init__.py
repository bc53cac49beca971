"""The API for authors of handlers: decorators, context, options, retries."""
