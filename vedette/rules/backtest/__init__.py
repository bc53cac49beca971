"""Evaluates rules on the past: the issues of an organization, or recorded deliveries.

`Backtest` downloads the past through Sentry's API into a `HistoryStore` on disk, and decides it with the engine of
production. `RecordedBacktest` does the same with deliveries that Vedette received. Both return a `BacktestReport`, in
which the rules are compared with the actions of people.
"""
