"""Rules proposed from what people did in the past: `propose(past)` with figures that say how clearly it speaks."""

from vedette.rules.suggest.labelled_issue import FEATURES, LabelledIssue, features_of
from vedette.rules.suggest.miner import propose
from vedette.rules.suggest.suggestion import Suggestion
from vedette.rules.suggest.thresholds import Thresholds

__all__ = ["FEATURES", "LabelledIssue", "Suggestion", "Thresholds", "features_of", "propose"]
