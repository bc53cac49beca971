"""The HTTP server of Vedette's processes, and bounds on its clients: connections, heads, bodies and open files."""
