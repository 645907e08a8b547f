"""Where files lie: folders as a user names them, and the cache in the home folder."""

import os
from pathlib import Path

from critnet.errors import DataError


def named(path: str | os.PathLike) -> Path:
    """A path as a user wrote it, in an option or a variable, with ``~`` for the home folder.

    Raises
    ------
    DataError
        If it begins with ``~`` and there is no such home folder.

    >>> named("data/MNIST").as_posix()
    'data/MNIST'
    """
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise DataError(f"{os.fspath(path)} has no home folder to begin in ({error}); write it in full") from error


def cache_folder(folder: str | os.PathLike | None = None, within: str = "") -> Path:
    """The cache: `folder`, else $CRITNET_CACHE, else ``~/.cache/critnet`` and `within` below it.

    Raises
    ------
    DataError
        If neither is named and there is no home folder.

    >>> cache_folder("elsewhere").as_posix()
    'elsewhere'
    """
    given = folder or os.environ.get("CRITNET_CACHE")
    if given:
        return named(given)
    try:
        return Path.home() / ".cache" / "critnet" / within
    except RuntimeError as error:
        raise DataError(
            f"there is no home folder to keep a cache in ({error}); name a folder with --cache or CRITNET_CACHE"
        ) from error
