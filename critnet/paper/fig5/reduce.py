"""Raw anchor run -> the network at its end, the correlations of its neurons, and test images to try it on."""

import numpy as np
import xarray as xr

from critnet.neurons.activity import correlation, forward
from critnet.paper.fields import Field, variables
from critnet.paper.published import DEFINITIONS
from critnet.training import runs
from critnet.training.datasets import MEAN, STD, normalise

SAMPLES_PER_DIGIT = 100
WEIGHTS = {
    "W1": "first pixel",
    "b1": "first",
    "W2": "second first",
    "b2": "second",
    "W3": "output second",
    "b3": "output",
}
FIELDS = {
    **{name: Field(dims, None, "1", f"{name} at the end of the run", "D1") for name, dims in WEIGHTS.items()},
    "correlation": Field(
        "definition neuron_i neuron_j",
        None,
        "1",
        "correlation of neurons (first, second, outputs) over training images",
        "D8",
    ),
    "pixels": Field("sample row column", None, "1/255", "test images of MNIST, ink is 255"),
    "label": Field("sample", np.int8, "1", "digit of a sample"),
    "position": Field("sample", np.int16, "1", "position of a sample in the file of test images, from 0"),
}


def circuits(folder, digits, *, samples=SAMPLES_PER_DIGIT):
    """What the circuit explorer needs, from one finished anchor run.

    Parameters
    ----------
    folder : path of the run
    digits : Digits, the data set the run was trained on
    samples : int
        Test images kept of each digit, the first ones in file order.

    Returns
    -------
    xarray.Dataset
        Weights and biases at the end (float32, as trained); `correlation` of all neurons over all training images in
        both definitions (D8); `pixels` of the samples (uint8), their labels and their positions in the test set.

    Source: METHODS D1, D8, D41.
    """
    run = runs.open_run(folder)
    (last,) = run.snapshots([run.config.steps])
    activity = forward(last.weights, digits.images[np.argsort(digits.labels, kind="stable")])
    chosen = np.sort(np.concatenate([np.flatnonzero(digits.test_labels == d)[:samples] for d in range(10)]))
    values = {name: last.weights[name] for name in WEIGHTS} | {
        "correlation": np.stack([correlation(activity, definition=d) for d in DEFINITIONS]),
        "pixels": pixels_of(digits.test_images[chosen]).reshape(-1, 28, 28),
        "label": digits.test_labels[chosen],
        "position": chosen,
    }
    found = variables(FIELDS, values)
    found["pixels"][2]["source"] = "MNIST, test set; Y. LeCun, C. Cortes and C. J. C. Burges"
    facts = {"seed": run.config.seed, "t": run.config.steps, "test_accuracy": last.test_accuracy}
    return xr.Dataset(found, {"definition": list(DEFINITIONS)}, facts)


def pixels_of(images):
    """Inverse of `normalise`: the grey values 0...255 of normalised images.

    Raises
    ------
    ValueError
        If an image is not made of whole grey values, so that storing them would change it.

    >>> pixels_of(normalise(np.array([[0, 1, 254, 255]]))).tolist()
    [[0, 1, 254, 255]]
    """
    images = np.asarray(images)
    pixels = np.clip(np.rint((images.astype(np.float64) * STD + MEAN) * 255), 0, 255).astype(np.uint8)
    if not np.array_equal(normalise(pixels), images):
        raise ValueError("an image holds a value that is no grey value 0...255 normalised as METHODS D2 says")
    return pixels
