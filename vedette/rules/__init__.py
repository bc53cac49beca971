"""Triage rules: read from files, decided on events, tried out on the past, proposed from it."""
