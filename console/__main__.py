"""`python -m console`: how `vedette up` starts the other processes with the very Python that runs it."""

from console.main import main

main()
