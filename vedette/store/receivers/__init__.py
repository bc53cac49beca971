"""The reports of receivers, for other processes."""
