"""The redistribution model of 110 neurons, 2.1 10^5 steps, against a loop over steps."""

import numpy as np

from benchmarks import contest
from critnet.dynamics.lynn import fit_lynn
from critnet.dynamics.redistribution import BETWEEN, SAMPLES, STEPS, redistribute

P, PIECE = 0.37, 2000


def cases():
    """Functions of the device name, one a case, each giving a list of results."""
    return [model]


def model(device):
    """One run of the paper's model; seconds are of the whole of it. The loop does a hundredth and is scaled."""
    stack, recorded = course()
    random = np.random.default_rng(0)
    whole = STEPS + SAMPLES * BETWEEN

    def ours(memory=None):
        redistribute(stack, recorded, P, random=random, memory=memory)
        return 1

    def forgetful():
        return ours(memory=4000)

    def peer():
        loop(stack, recorded, PIECE, random)
        return PIECE / whole

    # the same work: the law of the last stage, from the same number of steps
    mine = [fit_lynn(redistribute(stack, recorded, P, random=random)).probability for _ in range(20)]
    theirs = [fit_lynn(last_stage(3000, random)).probability for _ in range(8)]
    spread = np.hypot(np.std(mine, ddof=1) / 20**0.5, np.std(theirs, ddof=1) / 8**0.5)
    if abs(np.mean(mine) - np.mean(theirs)) > 4 * spread:
        raise AssertionError(f"P_C is found as {np.mean(mine)} and {np.mean(theirs)}: not the same work")
    name = "redistribution, 110 neurons, 2.1e5 steps"
    every = contest(name + ", all walked", {"critnet": ours, "numpy, a loop over steps": peer}, 5, device)
    return every + contest(name, {"critnet": forgetful, "numpy, a loop over steps": peer}, 5, device)


def course():
    """Correlations of 110 neurons at 23 iterations, each of twelve causes of their own."""
    random = np.random.default_rng(1)
    recorded = np.concatenate([[0], np.unique(np.geomspace(1, STEPS, 22).astype(int))])
    causes = random.standard_normal((len(recorded), 110, 12)) @ random.standard_normal((len(recorded), 12, 300))
    noisy = causes + 2 * random.standard_normal(causes.shape)
    return np.array([np.corrcoef(rows) for rows in noisy]), recorded


def loop(stack, recorded, steps, random):
    """The first stage as one writes it: the weights of all pairs, pruned and placed again at each step."""
    above = np.triu_indices(stack.shape[1], 1)
    strength = stack[:, *above]
    weights = random.multinomial(599, np.abs(strength[0]) / np.abs(strength[0]).sum())
    for t in range(steps):
        at = np.searchsorted(recorded, t, side="right") - 1
        share = (t - recorded[at]) / (recorded[at + 1] - recorded[at])
        step(weights, np.abs((1 - share) * strength[at] + share * strength[at + 1]), random)
    return weights


def last_stage(steps, random):
    """Units of all pairs after some steps with the weights as preference, thirty samples 100 steps apart."""
    weights = random.multinomial(599, np.full(5995, 1 / 5995))
    samples = []
    for t in range(steps):
        step(weights, None, random)
        if t % 100 == 99:
            samples.append(weights.copy())
    return np.array(samples)


def step(weights, wanted, random):
    at = random.choice(weights.size, 59, replace=False)
    mass = weights[at].sum()
    weights[at] = 0
    wanted = weights if wanted is None else wanted
    preferred = random.binomial(mass, P)
    np.add.at(weights, random.choice(weights.size, preferred, p=wanted / wanted.sum()), 1)
    np.add.at(weights, random.integers(0, weights.size, mass - preferred), 1)
