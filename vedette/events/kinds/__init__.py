"""One typed event per webhook resource."""
