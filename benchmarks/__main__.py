"""`python -m benchmarks [results.csv]`."""

import sys
from pathlib import Path

from benchmarks import main

sys.exit(main(*map(Path, sys.argv[1:2])))
