"""Parts of the gate for agents alone: checks before sending, limited searches, the rule on untrusted text."""
