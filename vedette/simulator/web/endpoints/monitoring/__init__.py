"""The endpoints of alerts, monitors and dashboards, and of the traces and queries that feed them."""
