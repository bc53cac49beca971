"""The Model Context Protocol server of the gateway: tools for agents, each call of which passes the gate."""
