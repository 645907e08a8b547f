"""critnet: the machine behind an executable reproduction of arXiv:2509.00107.

The library knows nothing of the paper; `critnet.paper` is the paper.
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("critnet")
except PackageNotFoundError:  # imported from a checkout that is not installed
    __version__ = "0+unknown"
