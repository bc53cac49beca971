"""The HTTP edge: signature, intake, spool and health. Small, fast, and free of plugin code."""
