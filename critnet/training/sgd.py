"""The hot loop: plain SGD on a stack of replicas, without autograd.

A replica is one network with its own learning rate, initial weights and data order; replicas of equal hidden size and
batch size are one stack. All quantities of a step, with R replicas, B samples a batch and w >= h + 1 units a layer
(critnet.training.mlp.extend: h neurons, one unit that is always 1 and carries the biases, and silent ones):

    x (R, B, 800)   a1, a2, on1, on2, g1, g2 (R, B, w)   z, p, y, g3 (R, 10, B)

Cross-entropy is linear in the one-hot target, so the step size enters once, in g3 = (rate / B) (y - p); g2 and g1 carry
it on, and each update is one product added to the weights in place. The type of the numbers is that of the weights.
"""

import copy

import numpy as np
import torch

from critnet.errors import UsageError
from critnet.training.mlp import CLASSES, EXTENDED_INPUTS, INPUTS, contract, extend


class Samples:
    """A data set on the device: images (n, 800), which are 784 pixels, 1, and zeros, in the given type; labels (n,)."""

    @torch.inference_mode()
    def __init__(self, images, labels, device="cpu"):
        extended = np.zeros((len(images), EXTENDED_INPUTS), images.dtype)  # numpy asks for huge pages
        extended[:, :INPUTS], extended[:, INPUTS] = images, 1
        self.images = torch.as_tensor(extended, device=device)
        self.labels = torch.as_tensor(np.asarray(labels, np.int64), device=device)

    def __len__(self):
        return len(self.labels)

    @torch.inference_mode()
    def subset(self, places):
        """The samples at some places, in that order."""
        chosen = copy.copy(self)
        index = torch.as_tensor(places, device=self.labels.device)
        chosen.images, chosen.labels = self.images[index], self.labels[index]
        return chosen


def cross_entropy(logits, labels):
    """Losses in nats (..., n), float64, of logits (..., 10, n) and labels (..., n).

    With margins m_k = z_k - z_label and s = max(0, max m) the loss is s + log(exp(-s) + sum over k != label of
    exp(m_k - s)), written with log1p and expm1 so that it neither overflows nor loses the digits of a loss near 0.

    >>> z = torch.tensor([[40.0, 0.0], [0.0, 3e38]])
    >>> [f"{loss:.4g}" for loss in cross_entropy(z, torch.tensor([0, 0])).tolist()]
    ['4.248e-18', '3e+38']
    """
    own = labels.unsqueeze(-2)
    margin = logits.to(torch.float64, copy=True)
    margin.sub_(margin.gather(-2, own))
    top = margin.amax(-2).clamp_(min=0)
    excess = margin.sub_(top.unsqueeze(-2)).exp_().scatter_(-2, own, 0.0).sum(-2)
    return excess.add_(torch.expm1(-top)).log1p_().add_(top)


class Stack:
    """R networks of equal shape as three weight tensors (R, n_in, n_out), extended by the bias units."""

    @torch.inference_mode()
    def __init__(self, weights, device="cpu"):
        self.hidden = len(weights[0]["b1"])
        extended = [extend(w) for w in weights]
        # torch.tensor copies: torch's memory is aligned to cache lines, numpy's is not
        self.matrices = [torch.tensor(np.stack([e[layer] for e in extended]), device=device) for layer in range(3)]

    def __len__(self):
        return len(self.matrices[0])

    def weights(self, replica):
        """Weights of one replica as `init_weights` returns them."""
        return contract([m[replica].cpu().numpy() for m in self.matrices], self.hidden)

    @torch.inference_mode()
    def evaluate(self, samples, replica, chunk=10_000):
        """Losses in nats (n,) in the type of the weights, and the fraction of samples classified correctly."""
        W1, W2, W3 = (m[replica] for m in self.matrices)
        losses, correct = [], 0
        for first in range(0, len(samples), chunk):
            labels = samples.labels[first : first + chunk]
            logits = (samples.images[first : first + chunk] @ W1).relu_().mm(W2).relu_().mm(W3)
            correct += int((logits.argmax(1) == labels).sum())
            losses.append(cross_entropy(logits.T, labels).to(logits.dtype))
        return torch.cat(losses).cpu().numpy(), correct / len(samples)


def segment_length(replicas, batch):
    """Updates between two looks at the clock, the losses and a stop request.

    >>> segment_length(1, 64), segment_length(1, 60_000)
    (50, 1)
    """
    return min(50, max(1, 100_000 // (replicas * batch)))


class Step:
    """SGD updates of a stack on batches of a fixed size, in segments of at most `segment` updates.

    With `capture`, one update is recorded as a CUDA graph and replayed.
    """

    @torch.inference_mode()  # spares a third of the time of the small operations
    def __init__(self, stack, samples, batch, learning_rates, *, capture=False):
        R, h = len(stack), stack.hidden
        # one network alone goes without the axis of replicas: plain products are a little faster than batched ones
        lead = (R,) if R > 1 else ()
        self.product = torch.bmm if lead else torch.mm
        self.add = torch.Tensor.baddbmm_ if lead else torch.Tensor.addmm_
        W1, W2, W3 = self.matrices = [m if lead else m[0] for m in stack.matrices]
        if samples.images.dtype != W1.dtype:
            raise UsageError(f"images are {samples.images.dtype} and weights {W1.dtype}; give both in one type")
        self.samples, self.shape, self.segment = samples, (*lead, batch), segment_length(R, batch)

        def buffer(*shape):
            return torch.zeros(*shape, dtype=W1.dtype, device=W1.device)

        self.x = buffer(*lead, batch, EXTENDED_INPUTS)
        self.a1, self.a2, self.on1, self.on2, self.g1, self.g2 = (buffer(*lead, batch, W2.shape[-1]) for _ in range(6))
        self.p, self.g3 = buffer(*lead, CLASSES, batch), buffer(*lead, CLASSES, batch)
        self.logits = buffer(self.segment, *lead, CLASSES, batch)
        self.rate = torch.as_tensor(learning_rates, dtype=W1.dtype, device=W1.device).reshape(*lead, 1, 1) / batch
        self.classes = torch.arange(CLASSES, device=W1.device)[:, None]
        # views made once: a view costs as much as a small product
        self.minus_rate, self.rows, self.flat_x = -self.rate, self.logits.unbind(0), self.x.view(R * batch, -1)
        self.xT, self.a1T, self.a2T, self.g3T = (t.mT for t in (self.x, self.a1, self.a2, self.g3))
        # the unit that is always 1 learns nothing: its columns of g2 and g1 stay 0
        self.neurons_g2, self.neurons_g1 = self.g2[..., :h], self.g1[..., :h]
        self.W3T, self.neurons_W3T, self.neurons_W2T = W3.mT, W3.mT[..., :h], W2.mT[..., :h]
        # what a captured update reads and writes
        self.index = torch.zeros(R * batch, dtype=torch.int64, device=W1.device)
        self.target, self.z = torch.zeros_like(self.p), torch.zeros_like(self.p)
        self.graph = None
        if capture:
            with torch.cuda.device(W1.device):
                self._capture()

    @torch.inference_mode()
    def run(self, indices):
        """Update on the samples of each row of `indices` (count, R * B), int64, in turn, with count <= segment.

        Returns
        -------
        Mean batch losses before each update (count, R), float64, on the host.
        """
        count = len(indices)
        if count > self.segment:
            raise UsageError(f"{count} updates were asked for at once; at most {self.segment} fit into one segment")
        labels = self.samples.labels.index_select(0, indices.flatten()).view(count, *self.shape)
        targets = (labels.unsqueeze(-2) == self.classes) * self.rate  # (count, R, 10, B)
        for index, target, z in zip(indices.unbind(0), targets.unbind(0), self.rows, strict=False):
            if self.graph is None:
                self._update(index, target, z)
            else:
                self.index.copy_(index)
                self.target.copy_(target)
                self.graph.replay()
                z.copy_(self.z)
        return cross_entropy(self.logits[:count], labels).mean(-1).reshape(count, -1).cpu().numpy()

    def _update(self, index, target, z):
        """One update on samples `index` (R * B,) with one-hot targets times rate / B; the logits go to z (R, 10, B)."""
        W1, W2, W3 = self.matrices
        product, add = self.product, self.add
        torch.index_select(self.samples.images, 0, index, out=self.flat_x)
        # forward
        product(self.x, W1, out=self.a1).relu_()
        product(self.a1, W2, out=self.a2).relu_()
        product(self.W3T, self.a2T, out=z)
        torch.softmax(z, -2, out=self.p)
        # backward: the steps themselves, so that the updates add them
        torch.addcmul(target, self.p, self.minus_rate, out=self.g3)
        product(self.g3T, self.neurons_W3T, out=self.neurons_g2)
        self.g2.mul_(torch.sign(self.a2, out=self.on2))
        product(self.g2, self.neurons_W2T, out=self.neurons_g1)
        self.g1.mul_(torch.sign(self.a1, out=self.on1))
        add(W3, self.a2T, self.g3T)
        add(W2, self.a1T, self.g2)
        add(W1, self.xT, self.g1)

    def _capture(self):
        kept = [m.clone() for m in self.matrices]
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):  # graphs need warmed-up libraries
                self._update(self.index, self.target, self.z)
        torch.cuda.current_stream().wait_stream(side)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self._update(self.index, self.target, self.z)
        for matrix, before in zip(self.matrices, kept, strict=True):
            matrix.copy_(before)
