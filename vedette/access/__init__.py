"""What handlers may do in Sentry: grants checked before each call, the audit, modes, budgets."""
