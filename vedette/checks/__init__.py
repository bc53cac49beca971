"""Checks of an installation: each gives a finding with a state, a sentence, the steps that fix it and the evidence.

`vedette doctor` runs all checks; the watchdog of the workers runs the cheap ones every few minutes.
"""
