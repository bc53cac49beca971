"""Suggests rules from the actions of people in the past: `propose(past)`, with the figures of each suggestion."""

from vedette.rules.suggest.labelled_issue import FEATURES, LabelledIssue, features_of
from vedette.rules.suggest.miner import propose
from vedette.rules.suggest.suggestion import Suggestion
from vedette.rules.suggest.thresholds import Thresholds

__all__ = ["FEATURES", "LabelledIssue", "Suggestion", "Thresholds", "features_of", "propose"]
