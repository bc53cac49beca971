"""What Redis holds."""
