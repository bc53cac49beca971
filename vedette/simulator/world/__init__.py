"""The state of the simulated organization and the changes that happen to it."""
