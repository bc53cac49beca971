"""Makes, signs and sends the webhooks of `vedette trigger`."""
