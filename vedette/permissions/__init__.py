"""Policy without I/O: grants, required scopes, authorization."""
