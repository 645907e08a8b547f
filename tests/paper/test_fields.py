"""The table of fields: what is written is what the table says, and nothing else."""

import numpy as np
import pytest

from critnet.errors import UsageError
from critnet.paper import results
from critnet.paper.course.reduce import FIELDS as COURSE
from critnet.paper.fields import Field, variables
from critnet.paper.fig1.reduce import FIELDS as FIG1
from critnet.paper.fig2.reduce import FIELDS as FIG2
from critnet.paper.fig5.reduce import FIELDS as FIG5

TABLE = {"loss": Field("seed t", np.float32, "nat", "mean loss", "D23"), "label": Field("t", None, "1", "digit")}


def test_type_units_and_number_come_from_the_table():
    found = variables(TABLE, {"label": np.arange(3), "loss": np.ones((2, 3))})
    assert list(found) == ["loss", "label"]
    dims, array, about = found["loss"]
    assert (dims, array.dtype, about) == (
        ["seed", "t"],
        np.float32,
        {"units": "nat", "long_name": "mean loss", "D": "D23"},
    )
    assert found["label"][1].dtype == np.arange(3).dtype
    assert "D" not in found["label"][2]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"loss": np.ones((2, 3))}, "label: in the table of fields or among the arrays only"),
        ({"loss": np.ones((2, 3)), "label": [1], "more": 1}, "more: in the table"),
        ({"loss": np.ones(3), "label": [1]}, "loss has shape"),
    ],
)
def test_what_does_not_fit_the_table_is_refused(values, message):
    with pytest.raises(UsageError, match=message):
        variables(TABLE, values)


@pytest.mark.parametrize(("file", "fields"), [("fig1", FIG1), ("fig2", FIG2), ("fig5", FIG5), ("course", COURSE)])
def test_the_committed_files_are_what_their_tables_say(file, fields):
    data = results.load(file)
    assert set(data.data_vars) == set(fields)
    for name, field in fields.items():
        there = data[name]
        assert (" ".join(there.dims), there.attrs["long_name"]) == (field.dims, field.meaning)
        assert (there.attrs["units"], there.attrs.get("D", "")) == (field.units, field.number)
        assert field.kind is None or there.dtype == field.kind
