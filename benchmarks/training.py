"""One SGD update of the anchor, and of larger networks, against plain PyTorch and against the bare matrix products."""

import functools
import itertools

import numpy as np
import torch

from benchmarks import contest
from critnet.errors import DataError
from critnet.training import datasets
from critnet.training.mlp import init_weights
from critnet.training.sgd import Samples, Stack, Step

BATCH, RATE, UPDATES = 64, 0.1, 50


def cases(data=None):
    """Functions of the device name, one a case, each giving a list of results."""
    digits = datasets.mnist(data)
    return [
        functools.partial(anchor, digits, data),
        *(functools.partial(products, digits, hidden) for hidden in (100, 200, 500)),
    ]


def anchor(digits, data, device):
    """The anchor network in memory, and as most people would write it, with a DataLoader."""
    ours, plain = critnet_updates(digits, 50), plain_updates(digits, 50)
    loader = loader_updates(data, 50)
    case = "training, h 50, B 64"
    return contest(case, {"critnet": ours, "plain PyTorch loop, data in memory": plain}, 100, device) + contest(
        case, {"critnet": ours, "DataLoader over torchvision MNIST": loader}, 15, device
    )


def products(digits, hidden, device):
    """The floor: the eight matrix products of an update and nothing else."""
    return contest(
        f"training, h {hidden}, B 64",
        {"critnet": critnet_updates(digits, hidden), "bare matrix products": bare_products(hidden)},
        60,
        device,
    )


def batches():
    """Rows of 64 sample indices, 50 a time, without end, epoch by epoch."""
    random = np.random.default_rng(0)
    while True:
        order = torch.as_tensor(random.permutation(60_000)[: 900 * BATCH].reshape(-1, UPDATES, BATCH))
        yield from order.unbind(0)


def critnet_updates(digits, hidden):
    samples = Samples(digits.images, digits.labels)
    stack = Stack([init_weights(hidden)])
    step, order = Step(stack, samples, BATCH, [RATE]), batches()

    def work():
        step.run(next(order))
        return UPDATES

    return work


def network(hidden):
    nn = torch.nn
    net = nn.Sequential(nn.Linear(784, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 10))
    return net, torch.optim.SGD(net.parameters(), lr=RATE)


def plain_updates(digits, hidden):
    net, optimiser = network(hidden)
    images, labels = torch.as_tensor(digits.images), torch.as_tensor(digits.labels)
    order, losses = batches(), []

    def work():
        for index in next(order):
            optimiser.zero_grad()
            loss = torch.nn.functional.cross_entropy(net(images[index]), labels[index])
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
        return UPDATES

    return work


def loader_updates(data, hidden):
    torchvision = import_torchvision()
    transforms = torchvision.transforms
    root = datasets.find(data)
    if not (root / "MNIST" / "raw" / "train-images-idx3-ubyte").exists():
        raise DataError(f"torchvision reads unpacked files; unpack the .gz files in {root / 'MNIST' / 'raw'}")
    usual = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
    loader = torch.utils.data.DataLoader(torchvision.datasets.MNIST(root, transform=usual), BATCH, shuffle=True)
    net, optimiser = network(hidden)
    endless, losses = itertools.chain.from_iterable(itertools.repeat(loader)), []

    def work():
        for images, labels in itertools.islice(endless, UPDATES):
            optimiser.zero_grad()
            loss = torch.nn.functional.cross_entropy(net(images.flatten(1)), labels)
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
        return UPDATES

    return work


def import_torchvision():
    """torchvision, also where its compiled operators do not fit the installed torch.

    Its data sets and transforms are plain Python, but beside a torch from another source its import fails ("operator
    torchvision::nms does not exist"). Empty definitions of the two operators it asks for are enough.
    """
    try:
        import torchvision
    except ModuleNotFoundError as e:
        raise DataError(
            "the DataLoader peer needs torchvision: .venv/bin/pip install --no-deps torchvision==0.28.0 "
            "(the release for torch 2.13), then make bench again"
        ) from e
    except RuntimeError:
        library = import_torchvision.library = torch.library.Library("torchvision", "DEF")  # ends with the object
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        import torchvision
    return torchvision


def bare_products(hidden):
    """Forward, backward and the gradients of one batch as products of dense random matrices, into memory of theirs."""
    x, a1, a2, g1, g2 = (torch.randn(BATCH, n) for n in (784, hidden, hidden, hidden, hidden))
    g3 = torch.randn(BATCH, 10)
    W1, W2, W3 = torch.randn(784, hidden), torch.randn(hidden, hidden), torch.randn(hidden, 10)
    jobs = [(x, W1), (a1, W2), (a2, W3), (g3, W3.T), (g2, W2.T), (a2.T, g3), (a1.T, g2), (x.T, g1)]
    jobs = [(left, right, torch.empty(len(left), right.shape[1])) for left, right in jobs]

    def work():
        for _ in range(UPDATES):
            for left, right, out in jobs:
                torch.mm(left, right, out=out)
        return UPDATES

    return work
