"""The layers of the gate, one a module; none imports another. `vedette.access.gate` puts them together."""
