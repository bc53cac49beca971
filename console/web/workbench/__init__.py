"""The rules workbench: drafts of rules, checked and held against the newest deliveries."""
