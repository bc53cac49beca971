"""Tunnels of `vedette listen`: third parties' programs that give a laptop a public address."""
