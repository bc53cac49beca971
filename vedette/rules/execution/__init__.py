"""Carries out the actions of rules that match."""
