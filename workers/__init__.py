"""The dramatiq side: broker, actors, retries. `dramatiq workers` starts a worker.

dramatiq's command line starts processes that import a module and then expect to find a broker. So this module makes
one only for them: imported by anything else it does nothing, like every other module of Vedette.
"""

import multiprocessing
import sys

if "dramatiq.cli" in sys.modules and multiprocessing.parent_process() is not None:
    from workers.bootstrap import start

    start()
