"""The demonstration: a web shop with errors, people and a history."""
