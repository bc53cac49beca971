"""The agent gateway: Sentry's REST API and the Model Context Protocol for agents, each call through the gate."""
