"""Trying rules out on the past: an organization's issues and what people did about them, or recorded deliveries.

`Backtest` takes the past through Sentry's API into a `History` on disk and lets the engine of production decide it
anew; `deliveries_trial` does the same with what Vedette received. Both give a `TrialReport`.
"""
