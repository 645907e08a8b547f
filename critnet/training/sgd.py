"""The hot loop: plain SGD on a stack of replicas, without autograd.

A replica is one network with its own learning rate, initial weights and data order; replicas of equal hidden size and
batch size are one stack. All quantities of a step, with R replicas, B samples a batch and h hidden units:

    x (R, B, 785)   a1, a2 (R, B, h + 1)   z, l, g3 (R, 10, B)   g2, g1 (R, B, h + 1)

The extra unit of each layer is 1 and carries the biases (critnet.training.mlp.extend). Cross-entropy is linear in the
one-hot target, so the step size enters once, in g3, and each update is one fused product-and-add.
"""

import numpy as np
import torch

from critnet.training.mlp import CLASSES, INPUTS, contract, extend

_relu_backward = torch.ops.aten.threshold_backward.grad_input
_log_softmax = torch.ops.aten._log_softmax.out
_log_softmax_backward = torch.ops.aten._log_softmax_backward_data.out


class Samples:
    """A data set on the device: images (n, 785) float32 with a last column of ones, labels, one-hot targets (10, n)."""

    def __init__(self, images, labels, device="cpu"):
        self.images = torch.ones(len(images), INPUTS + 1, device=device)
        self.images[:, :INPUTS] = torch.as_tensor(images, device=device)
        self.labels = torch.as_tensor(np.asarray(labels, np.int64), device=device)
        self.targets = torch.nn.functional.one_hot(self.labels, CLASSES).T.to(torch.float32).contiguous()

    def __len__(self):
        return len(self.labels)


class Stack:
    """R networks of equal shape as three weight tensors (R, n_in + 1, n_out + 1)."""

    def __init__(self, weights, device="cpu"):
        extended = [extend(w) for w in weights]
        self.matrices = [torch.as_tensor(np.stack([e[layer] for e in extended]), device=device) for layer in range(3)]

    def __len__(self):
        return len(self.matrices[0])

    def weights(self, replica):
        """Weights of one replica as `init_weights` returns them."""
        return contract([m[replica].cpu().numpy() for m in self.matrices])

    @torch.no_grad()
    def evaluate(self, samples, replica, chunk=10_000):
        """Losses in nats (n,) float32 and the fraction of samples classified correctly.

        The cross-entropy is taken in double precision from single-precision logits as
        log(1 + sum_k exp(z_k - z_label)), so that losses far below 1e-7 keep their digits.
        """
        W1, W2, W3 = (m[replica] for m in self.matrices)
        losses, correct = [], 0
        for first in range(0, len(samples), chunk):
            labels = samples.labels[first : first + chunk]
            logits = (samples.images[first : first + chunk] @ W1).relu_().mm(W2).relu_().mm(W3)
            correct += int((logits.argmax(1) == labels).sum())
            margin = logits.double().sub_(logits.gather(1, labels[:, None]).double())
            # the label's own term is exp(0) = 1; above 700 the exponential overflows and the loss is the largest margin
            top = margin.amax(1)
            excess = margin.clamp_(max=700).exp_().scatter_(1, labels[:, None], 0.0).sum(1)
            losses.append(torch.where(top > 700, top, torch.log1p(excess)).float())
        return torch.cat(losses).cpu().numpy(), correct / len(samples)


class Step:
    """One SGD update of a stack on batches of a fixed size; the batch losses of a segment stay in `recorded`.

    With `capture`, the update is recorded once as a CUDA graph and replayed.
    """

    SEGMENT = 50
    """Updates between two looks at the clock, the losses and a stop request."""

    def __init__(self, stack, samples, batch, learning_rates, *, capture=False):
        R, device = len(stack), samples.images.device
        self.matrices, self.samples, self.shape = stack.matrices, samples, (R, batch)
        W1, W2, W3 = stack.matrices
        width = W2.shape[-1]
        dtype = W1.dtype
        self.index = torch.zeros(R * batch, dtype=torch.int64, device=device)
        self.x = torch.empty(R, batch, INPUTS + 1, dtype=dtype, device=device)
        self.y = torch.empty(CLASSES, R * batch, dtype=dtype, device=device)
        self.a1, self.a2, self.g2, self.g1 = (torch.empty(R, batch, width, dtype=dtype, device=device) for _ in range(4))
        self.z, self.l, self.g3 = (torch.empty(R, CLASSES, batch, dtype=dtype, device=device) for _ in range(3))
        self.rate = torch.as_tensor(learning_rates, dtype=dtype, device=device).reshape(R, 1, 1) / batch
        self.recorded = torch.zeros(self.SEGMENT, R, CLASSES, batch, dtype=dtype, device=device)
        self.picked = torch.empty(R, CLASSES, batch, dtype=dtype, device=device)
        # views made once: a view costs as much as a small product
        self.rows = self.recorded.unbind(0)
        self.flat_x, self.replica_y = self.x.view(R * batch, -1), self.y.view(CLASSES, R, batch).transpose(0, 1)
        self.xT, self.a1T, self.a2T, self.g3T = (t.mT for t in (self.x, self.a1, self.a2, self.g3))
        self.W2T, self.W3T = W2.mT, W3.mT
        self.ones = self.g2[..., -1], self.g1[..., -1]
        self.graph = None
        if capture:
            self._capture()

    def __call__(self, indices, row):
        """Update on the samples `indices` (R * B,), int64; their losses go to row `row` of `recorded`."""
        if self.graph is None:
            self._update(indices, self.rows[row])
        else:
            self.index.copy_(indices, non_blocking=True)
            self.graph.replay()
            self.rows[row].copy_(self.picked)

    def losses(self, count):
        """Mean batch losses (count, R) of the last `count` updates, float64 on the host."""
        return -self.recorded[:count].sum((2, 3), dtype=torch.float64).cpu().numpy() / self.shape[1]

    def _update(self, index, picked):
        W1, W2, W3 = self.matrices
        torch.index_select(self.samples.images, 0, index, out=self.flat_x)
        torch.index_select(self.samples.targets, 1, index, out=self.y)
        # forward
        torch.bmm(self.x, W1, out=self.a1).relu_()
        torch.bmm(self.a1, W2, out=self.a2).relu_()
        torch.bmm(self.W3T, self.a2T, out=self.z)
        _log_softmax(self.z, 1, False, out=self.l)
        torch.mul(self.l, self.replica_y, out=picked)
        # backward: g3 = (y - softmax z) * learning rate / B is the step itself, so the updates add it
        _log_softmax_backward(self.replica_y, self.l, 1, self.l.dtype, out=self.g3)
        self.g3.mul_(self.rate)
        torch.bmm(self.g3T, self.W3T, out=self.g2)
        _relu_backward(self.g2, self.a2, 0, grad_input=self.g2)
        self.ones[0].zero_()
        torch.bmm(self.g2, self.W2T, out=self.g1)
        _relu_backward(self.g1, self.a1, 0, grad_input=self.g1)
        self.ones[1].zero_()
        W3.baddbmm_(self.a2T, self.g3T)
        W2.baddbmm_(self.a1T, self.g2)
        W1.baddbmm_(self.xT, self.g1)

    def _capture(self):
        kept = [m.clone() for m in self.matrices]
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):  # graphs need warmed-up libraries
                self._update(self.index, self.picked)
        torch.cuda.current_stream().wait_stream(side)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self._update(self.index, self.picked)
        for matrix, before in zip(self.matrices, kept, strict=True):
            matrix.copy_(before)
