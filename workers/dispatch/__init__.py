"""Decides which handlers a delivery is for and queues their runs."""
