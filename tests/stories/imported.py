"""What the copies of the nursery begin with: modules of hubs and nodes, out of the garbage collector's sight."""

import atexit
import gc
from importlib import import_module

import __main__

AT_ONCE = (
    "oncommons.cli",
    "oncommons.hub.commands",
    "oncommons.web.app",
    "oncommons.client.inside",
    "oncommons.node.commands",
)
"""What a hub with its pages, and a node, begin with."""
LATER = ("oncommons.node.beside", "oncommons.node.membership", "oncommons.node.desk", "uvicorn.lifespan.on")
"""What they import once they serve."""

__main__.__file__ = __file__  # DuckDB takes a program without a file for a person, to whom it shows how far it is
for name in (*AT_ONCE, *LATER):
    import_module(name)
gc.freeze()
atexit.register(gc.unfreeze)  # or libraries complain at the end of what they see no more
