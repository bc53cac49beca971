"""The command line for operators, and the supervisor of the processes that it starts."""
