"""One look over a folder of results: every file is there, unaltered, expected, and of this code's format."""

import os
from collections.abc import Mapping
from pathlib import Path

from critnet.archive.files import read_bytes
from critnet.archive.manifest import check_files, way_out
from critnet.archive.netcdf import load_schema, stale
from critnet.archive.selfcontained import refuse_foreign
from critnet.errors import IntegrityError


def verify(
    folder: str | os.PathLike, schemas: Mapping[str, Mapping[str, str]] | None = None
) -> list[tuple[str, str | None]]:
    """Check a folder against its SHA256SUMS, and its netCDF files against what this code reads.

    Parameters
    ----------
    folder : path
        Only read, never written.
    schemas : dict of file name to schema, optional
        As `describe` gives them; a file that differs is stale, and the differences are listed.

    Returns
    -------
    list of (name, problem)
        One entry a file, sorted by name; the problem is None for a good file, else it says what is wrong
        (missing, damaged, extra, stale) and the next command.

    Raises
    ------
    DataError
        If the folder or a file in it cannot be read.
    """
    folder = Path(folder)
    return [
        (
            name,
            _netcdf_problem(folder / name, (schemas or {}).get(name))
            if problem is None and name.endswith(".nc")
            else problem,
        )
        for name, problem in check_files(folder)
    ]


def _netcdf_problem(path: Path, schema: Mapping[str, str] | None) -> str | None:
    content = read_bytes(path)
    try:
        refuse_foreign(content, path)
    except IntegrityError as error:
        return str(error)
    problem = stale(load_schema(content), schema)
    return f"{problem}. {way_out(path)}" if problem else None
