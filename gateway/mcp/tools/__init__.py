"""The tools of the gateway's Model Context Protocol server, one or two related ones a module."""
