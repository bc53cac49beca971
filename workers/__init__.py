"""The dramatiq side: broker, actors, retries. `dramatiq workers` starts a worker.

dramatiq's command line imports a module and then expects to find a broker. So this module makes one only for it:
imported by anything else it does nothing, like every other module of Vedette.
"""

import sys

if "dramatiq.cli" in sys.modules:
    from workers.process import start

    start()
