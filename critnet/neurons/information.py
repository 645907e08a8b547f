"""Entropy of the predictions, the information gained, and landmarks of the complexity-information diagram."""

import numpy as np

from critnet import checks
from critnet.errors import UsageError

BINS = 100
FLOOR = 1e-10  # added to the density, before it is renormalised


def class_probabilities(logits):
    """Softmax over the classes of each sample, in the float type of the logits.

    Parameters
    ----------
    logits : array, shape (n_classes, n_samples)
        The last rows of the activity.

    Returns
    -------
    array of the same shape; columns sum to 1

    Raises
    ------
    UsageError
        If logits is not a non-empty matrix or holds NaN or infinity.

    Source: METHODS D16.

    >>> class_probabilities(np.zeros((4, 1))).ravel().tolist()
    [0.25, 0.25, 0.25, 0.25]
    """
    logits = checks.activity_matrix(logits, "logits")
    checks.finite("logits", logits)
    odds = np.exp(logits - logits.max(axis=0))
    return odds / odds.sum(axis=0)


def prediction_entropy(logits, definition="control"):
    """Entropy of what the network predicts, in nats.

    As coded: the softmax outputs of all classes and samples are pooled into a histogram of 100 equal bins over their
    range, and S = -sum_b p_b ln p_b, with 1e-10 added to the density of each bin before p is normalised; at most
    ln 100 = 4.605. Certain and right on balanced classes it is 0.3251, not 0: nine outputs in ten are 0, one is 1.
    Control: the mean over samples of -sum_k q_k ln q_k, at most ln(n_classes); certain predictions give 0.

    Parameters
    ----------
    logits : array, shape (n_classes, n_samples)
        Kept in its float type: the authors bin float32 values, and so does this for a float32 activity.
    definition : "as-coded" or "control"

    Returns
    -------
    float >= 0
        If all outputs are equal (a network of zeros): about 3e-9 as coded, ln(n_classes) in the control.

    Raises
    ------
    UsageError
        If logits is not a non-empty matrix, holds NaN or infinity, or the definition is unknown.

    Source: METHODS D16 and section 10.

    >>> certain = 100 * np.tile(np.eye(10), 50)
    >>> round(prediction_entropy(certain, definition="as-coded"), 4), round(prediction_entropy(certain, "control"), 4)
    (0.3251, 0.0)
    """
    checks.choice("definition", definition, checks.DEFINITIONS)
    if definition == "control":
        probability = class_probabilities(checks.array("logits", logits))
        logarithm = np.log(probability, out=np.zeros_like(probability), where=probability > 0)
        return max(float(-(probability * logarithm).sum(axis=0).mean()), 0.0)
    probability = class_probabilities(logits)
    if np.ptp(probability) <= BINS * np.spacing(probability.max()):
        return 0.0  # equal to rounding: one bin
    density, _ = np.histogram(probability, bins=BINS, density=True)
    share = (density + FLOOR) / (density + FLOOR).sum()
    return float(-np.dot(share, np.log(share)))


def information_gain(entropy, steps, *, reference=1):
    """Information gained since a reference step: dI(t) = S_pred(t_ref) - S_pred(t), in nats.

    Parameters
    ----------
    entropy : array, shape (n_steps,)
        `prediction_entropy` at each step.
    steps : int array, shape (n_steps,)
    reference : int
        t_ref: 1 in the authors' code, 0 in the text of the paper.

    Returns
    -------
    array, shape (n_steps,); 0 at the reference

    Raises
    ------
    UsageError
        If the lengths differ, the reference is not among the steps, or an entropy is not finite.

    Source: METHODS D16.

    >>> information_gain([2.3, 3.4, 2.0], [0, 1, 10]).round(6).tolist()
    [1.1, 0.0, 1.4]
    """
    entropy, steps = _series(entropy, "entropy"), _series(steps, "steps")
    checks.same_shape("entropy", entropy, "steps", steps)
    where = np.flatnonzero(steps == checks.number("reference", reference))
    if where.size != 1:
        raise UsageError(f"reference step {reference} occurs {where.size} times in steps; choose one of them")
    return entropy[where[0]] - entropy


def turning_point(strength, steps):
    """Step at which the total correlation strength F2 is largest; the first one if several are.

    Parameters
    ----------
    strength : array, shape (n_steps,)
        `graphs.total_correlation_strength` at each step.
    steps : int array, shape (n_steps,)

    Returns
    -------
    int

    Raises
    ------
    UsageError
        If the lengths differ, the series is empty, or a value is not finite.

    Source: METHODS D9 (the dashed line of Fig. 1b), D17.

    >>> turning_point([110, 900, 700], [0, 37, 100])
    37
    """
    strength, steps = _series(strength, "strength"), _series(steps, "steps")
    checks.same_shape("strength", strength, "steps", steps)
    return int(steps[strength.argmax()])


def fixed_point_spread(values, n_last=50):
    """Standard deviation over the last snapshots, as a share of the range over all of training.

    Below 0.02, for both the information gain and the correlation strength, the trajectory has come to its fixed point.

    Parameters
    ----------
    values : array, shape (n_steps,)
    n_last : int >= 1

    Returns
    -------
    float >= 0; 0 for a constant series

    Raises
    ------
    UsageError
        If there are fewer than n_last values or one is not finite.

    Source: METHODS D17 (not in the authors' code).

    >>> fixed_point_spread([0.0, 10.0, 9.0, 11.0], n_last=2)
    0.09090909090909091
    """
    values = _series(values, "values")
    if checks.whole("n_last", n_last) > values.size:
        raise UsageError(f"n_last is {n_last}; there are only {values.size} values")
    extent = np.ptp(values)
    return float(values[-n_last:].std() / extent) if extent > 0 else 0.0


def _series(values, name):
    values = checks.array(name, values)
    if values.ndim != 1 or values.size == 0:
        raise UsageError(f"{name} has shape {values.shape}; give one value a step, at least one")
    checks.finite(name, values)
    return values
