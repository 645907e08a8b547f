"""An environment without a network."""

import os
from pathlib import Path


def offline_environment(**more):
    """Environment of a process whose sockets reach this machine only (see no_network/sitecustomize.py)."""
    here = str(Path(__file__).parent / "no_network")
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")])), **more}
