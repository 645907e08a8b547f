"""No file of results reaches outside itself: HDF5 can name other files, and h5py would read them."""

import io
import math
from pathlib import Path

import h5py

from critnet.archive.manifest import way_out
from critnet.errors import IntegrityError

_LARGEST = 4 << 30  # bytes of one file in memory; the committed ones are a hundred times smaller
_FILTERS = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32}


def refuse_foreign(content: bytes, path: Path) -> None:
    """Raise IntegrityError unless an HDF5 file is complete in itself, walked without reading any data.

    External storage, external and soft links, virtual datasets and filters from plugins make the library open
    other files; datasets far larger than the file fill the memory.
    """
    try:
        with h5py.File(io.BytesIO(content), "r") as file:
            problem = _foreign(file)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise IntegrityError(f"{path} is not a readable netCDF-4 file: {error}. {way_out(path)}") from error
    if problem:
        raise IntegrityError(f"{path} is refused: {problem}, which critnet never writes. {way_out(path)}")


def _foreign(file: h5py.File) -> str | None:
    groups, seen, size = [file["/"]], set(), 0
    while groups:
        group = groups.pop()
        for name in group:
            link = group.get(name, getlink=True)
            if not isinstance(link, h5py.HardLink):
                return f"{name!r} is a link to {getattr(link, 'filename', link.path)!r}"
            item = group[name]
            address = h5py.h5o.get_info(item.id).addr
            if address in seen:
                continue
            seen.add(address)
            if isinstance(item, h5py.Group):
                groups.append(item)
            elif isinstance(item, h5py.Dataset):
                creation = item.id.get_create_plist()
                if item.external or item.is_virtual:
                    return f"{name!r} has its data in other files"
                if any(creation.get_filter(i)[0] not in _FILTERS for i in range(creation.get_nfilters())):
                    return f"{name!r} needs a filter plugin"
                size += math.prod(item.shape or ()) * item.dtype.itemsize
                if size > _LARGEST:
                    return f"{name!r} would fill {size:.3g} bytes of memory"
    return None
