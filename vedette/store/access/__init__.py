"""Audit, proposals, write budgets and own writes."""
