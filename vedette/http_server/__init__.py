"""Bounds on the clients of an HTTP server: connections, heads, bodies and open files, on uvicorn's protocol."""
