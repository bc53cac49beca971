"""What operators use: the command line and the processes it starts."""
