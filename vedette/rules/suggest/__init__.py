"""Rules proposed from what people did in the past: `propose(past)` with figures that say how clearly it speaks."""

from vedette.rules.suggest.labelled_issue import FEATURES, PastIssue, features_of
from vedette.rules.suggest.miner import propose
from vedette.rules.suggest.suggestion import Proposal
from vedette.rules.suggest.thresholds import Thresholds

__all__ = ["FEATURES", "PastIssue", "Proposal", "Thresholds", "features_of", "propose"]
