"""Commands that show one thing in detail: a delivery, an issue, refused requests, the settings."""
