"""A process that bears pulling processes which die at a given batch: `python crash_nursery.py`.

Importing everything takes a second, forking what has been imported a hundredth. Each
line on standard input is [configuration, batch]: one child pulls the source `it` and is
gone, as by kill -9, before it hands on that batch (from 0); with the number of batches,
after the last one, before the commit; with one more, after the commit, before the
source is settled. "died" is answered, or "ended" when it came to its end.
"""

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from connectors.house import open_house
from connectors.pull import pull
from datasets.indicators.catalogue import load_catalogue
from tests.connectors import conformance

DIED = 9


def child(config: str, at: int, batches: int) -> None:
    conformance.small_steps()
    conformance.deadly(at, batches, lambda: os._exit(DIED))
    house = open_house(config, os.environ)
    pull("it", house)
    os._exit(0)


load_catalogue()
for line in sys.stdin:
    born = os.fork()
    if born == 0:
        child(*json.loads(line))
    _, status = os.waitpid(born, 0)
    print("died" if os.waitstatus_to_exitcode(status) == DIED else "ended", flush=True)
