"""`python -m benchmarks [results.csv]`, or `python -m benchmarks book graphs` for some of them."""

import sys
from pathlib import Path

from benchmarks import main

given = sys.argv[1:]
out = [Path(name) for name in given if name.endswith(".csv")]
sys.exit(main(*out[:1], only=[name for name in given if not name.endswith(".csv")]))
