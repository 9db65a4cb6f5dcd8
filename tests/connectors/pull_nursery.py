"""A process that bears pulling processes to be killed: `python pull_nursery.py CONFIG`.

Importing everything takes a second, forking what has been imported a hundredth. Each
line on standard input bears one child, which pulls again and again; its process id is
answered as soon as it is about to pull, and "dead" once it is gone.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from connectors.house import open_house
from connectors.pull import Caller, pull


def child() -> None:
    house = open_house(sys.argv[1], os.environ)
    print(os.getpid(), flush=True)
    while True:
        pull("one_stop", house, Caller(patience_seconds=10))


for _ in sys.stdin:
    born = os.fork()
    if born == 0:
        child()
    os.waitpid(born, 0)
    print("dead", flush=True)
