"""The HTTP endpoints of the receiver and their prepared responses."""
