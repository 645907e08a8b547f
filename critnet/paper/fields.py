"""One way to say what a file of data/ holds: a table of fields, and the arrays that fill it."""

from typing import NamedTuple

import numpy as np

from critnet.errors import UsageError


class Field(NamedTuple):
    """One variable of a file: `dims` in one string, its type on disk (None: as it comes), units, meaning, definition.

    `number` is that of METHODS, or of a claim; empty where there is none.
    """

    dims: str
    kind: type | None
    units: str
    meaning: str
    number: str = ""


def variables(fields, values):
    """What xarray.Dataset takes, from a table of fields and the array of each.

    Parameters
    ----------
    fields : dict of name to Field
    values : dict of name to array
        Of exactly these names.

    Returns
    -------
    dict of name to (dimensions, array, attributes), in the order of `fields`

    Raises
    ------
    UsageError
        If a field has no array, an array no field, or one has not as many dimensions as the field says.

    >>> variables({"loss": Field("seed t", np.float32, "nat", "mean loss", "D23")}, {"loss": [[1.0, 0.5]]})["loss"][::2]
    (['seed', 't'], {'units': 'nat', 'long_name': 'mean loss', 'D': 'D23'})
    """
    if fields.keys() != values.keys():
        odd = sorted(fields.keys() ^ values.keys())
        raise UsageError(f"{', '.join(odd)}: in the table of fields or among the arrays only; both name every variable")
    found = {}
    for name, field in fields.items():
        dims, array = field.dims.split(), np.asarray(values[name])
        array = array if field.kind is None else array.astype(field.kind, copy=False)
        if array.ndim != len(dims):
            raise UsageError(f"{name} has shape {array.shape}; its field says the dimensions {field.dims}")
        about = {"units": field.units, "long_name": field.meaning}
        found[name] = (dims, array, about | ({"D": field.number} if field.number else {}))
    return found
