"""Parts of webhook payloads that several resources share."""
