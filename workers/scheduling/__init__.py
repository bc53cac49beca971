"""Starts scheduled handlers and rules when their time has come."""
