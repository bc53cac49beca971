"""Receives webhooks over HTTP: verification, ingest, spool and health; loads no plugin code."""
