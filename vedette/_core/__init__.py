"""Provides utilities that depend on no other package of Vedette."""
