"""Claims of section 1.2, the connectivity transition, and C02: what the sweeps say, and a verdict by rule."""

import numpy as np

from critnet.paper import anchors
from critnet.paper.fig1 import scaling, series
from critnet.paper.fig1.scaling_rules import exponent, measured_exponent, other_graph
from critnet.paper.ledger import UNTESTABLE, Claim, Measured, verdict
from critnet.paper.sweeps import select
from critnet.statistics.courses import rank_correlation
from critnet.statistics.scaling import scaling_exponent

SMALL = 400  # M, the paper's bound of small models
LARGE = 250  # h, from where the paper's large models start
# name in data/fig1.nc, and whether it rises (1) or falls (-1) at the transition
METRICS = {
    "survival": 1, "mean_degree": 1, "entropy": 1, "largest": 1, "n_components": -1, "mean_finite": 1,
    "susceptibility": 1,
}  # fmt: skip


def universal(data, definition):
    """Share of the runs over initialisations, sizes, batch sizes and rates with C01 and C05, each at its R."""
    sweeps = data["sweeps"]
    hundred, parts, shows, weaker = select.at(sweeps, select.TRANSITION), [], [], []
    for name in ("inits", "sizes", "batches", "rates"):
        runs = select.runs_of(sweeps, name)
        kept = sweeps["persistence"].sel(definition=definition).values[runs]
        persists = (kept[:, hundred] >= 0.6) & (kept[:, hundred] >= 2 * np.abs(kept[:, 0]))
        f = select.strength(sweeps, runs, definition)
        ratio = f.max(axis=1) / np.maximum(f[:, 0], f[:, -1])
        shows.append(persists & (ratio >= 1.2))
        weaker.append((kept[:, hundred] > kept[:, 0]) & (ratio > 1))
        if runs.size:
            parts.append(f"{name} {shows[-1].sum()} of {runs.size}")
    met, ordered = np.concatenate(shows), np.concatenate(weaker)
    if not met.size:
        return Measured([], UNTESTABLE, "no run of these sweeps")
    share = met.mean()
    note = ", ".join(parts) + f"; the ordering alone, at any size: {ordered.mean():.2f}"
    return Measured([share], verdict(share >= 0.9, share >= 0.6), note, n_runs=met.size)


def all_metrics(data, definition):
    """Share of eight metrics with an extremum, beyond both ends, at t in [5, 300]; a seed each."""
    fig1 = data["fig1"]
    t, shares = anchors.steps(fig1), []
    values = [series.strength(fig1, definition)]
    values += [sign * series.graph(fig1, name, definition) for name, sign in METRICS.items()]
    for seed in range(fig1.sizes["seed"]):
        inside = []
        for v in values:
            when = t[v[seed].argmax()]
            inside.append(5 <= when <= 300 and v[seed].max() > max(v[seed, 0], v[seed, -1]))
        shares.append(np.mean(inside))
    middle = np.median(shares)
    names = ["strength", *METRICS]
    always = [n for n, v in zip(names, values, strict=True)
              if all(5 <= t[row.argmax()] <= 300 and row.max() > max(row[0], row[-1]) for row in v)]  # fmt: skip
    return Measured(shares, verdict(middle >= 0.8, middle >= 0.5), f"in every seed: {', '.join(always) or 'none'}")


def strength_at_transition(data, definition):
    """Exponent of F2 = ||C||^2 in M at t = 100, from h = 5 on."""
    fit = exponent(data["sweeps"], "strength", select.TRANSITION, definition)
    note = "" if fit is None else f"the norm itself grows with half of that, {1 + fit.value / 2:.2f}"
    return measured_exponent(fit, 1.5, note, shift=2.0)


def largest_at_transition(data, definition):
    """Exponent of S1 in M at t = 100."""
    fit = exponent(data["sweeps"], "largest", select.TRANSITION, definition)
    note = other_graph(data["sweeps"], "largest", select.TRANSITION, definition)
    return measured_exponent(fit, 1.0, note, reproduced=(0.85, 1.15), partly=(0.6, 1.4))


def degree_at_transition(data, definition):
    """Exponent of the mean degree in M at t = 100; and its mean over the sizes."""
    sweeps = data["sweeps"]
    fit = exponent(sweeps, "mean_degree", select.TRANSITION, definition)
    if fit is None:
        return measured_exponent(fit, 0.0)
    runs, values = scaling.sizes_at(sweeps, select.TRANSITION, definition)
    mean = select.by_size(sweeps, runs, values["mean_degree"])[1].mean()
    flat, order_one = abs(fit.value) <= 0.2, 0.3 <= mean <= 5
    note = f"mean over the sizes {mean:.1f}; the sentence fits a flat law, not an exponent of 1"
    return Measured([fit.value], verdict(flat and order_one, flat or order_one), note, (fit.low, fit.high), fit.n_runs)


def _peaks(data, experiment, definition):
    """Runs of a sweep that learn and whose strength has an inner maximum, their peaks, and how many were left out."""
    runs = select.runs_of(data, experiment)
    learned = runs[select.learned(data, runs)]
    times = select.peak_times(data, learned, definition)
    inner = np.array([steps_inside(p, select.steps(data)) for p in times], dtype=bool)
    return learned[inner], [p for p, good in zip(times, inner, strict=True) if good], runs.size - int(inner.sum())


def steps_inside(peak, steps):
    return steps[0] < peak.value < steps[-1] - 1e-6


def insensitive_to_batch(data, definition):
    """Spread of the peak time of F2 over batch sizes at the rate 0.1, over its mean."""
    runs, peaks, out = _peaks(data["sweeps"], "batches", definition)
    if len(peaks) < 3:
        return Measured([], UNTESTABLE, f"{len(peaks)} batch sizes with a peak")
    times = np.array([p.value for p in peaks])
    seeds = [p.value for p in select.peak_times(data["anchors"], np.arange(data["anchors"].sizes["run"]), definition)]
    spread, noise = times.std() / times.mean(), np.std(seeds) / np.mean(seeds)
    note = (
        f"peaks at {times.min():.0f} to {times.max():.0f}; five seeds at B = 64 alone spread by {noise:.2f}; "
        f"{out} runs that do not learn or have no inner peak left out; peaks interpolated on the measured iterations"
    )
    rank = rank_correlation(data["sweeps"]["batch_size"].values[runs], times)
    return Measured(
        [spread], verdict(spread <= 0.3, spread <= 0.6), f"{note}; Spearman with B {rank:.2f}", n_runs=len(runs)
    )


def earlier_with_rate(data, definition):
    """Spearman correlation of the peak time of F2 with the learning rate, at B = 64."""
    sweeps = data["sweeps"]
    runs, peaks, out = _peaks(sweeps, "rates", definition)
    if len(peaks) < 3:
        return Measured([], UNTESTABLE, f"{len(peaks)} rates with a peak")
    rates, times = sweeps["learning_rate"].values[runs], np.array([p.value for p in peaks])
    rho = rank_correlation(rates, times)
    slope = scaling_exponent(rates, times, random=np.random.default_rng(0))
    every = select.runs_of(sweeps, "rates")
    all_times = [p.value for p in select.peak_times(sweeps, every, definition)]
    all_rho = rank_correlation(sweeps["learning_rate"].values[every], all_times)
    note = (
        f"peak time ~ rate^{slope.value:.2f} ({slope.low:.2f} to {slope.high:.2f}); {out} runs that do not learn or "
        f"have no inner peak left out, with them {all_rho:.2f}"
    )
    return Measured([rho], verdict(rho <= -0.8, rho <= -0.5), note, n_runs=len(runs))


def susceptibility_jump(data, definition):
    """Peak of the susceptibility over its median over the snapshots; it must lie near the peak of F2. A seed each."""
    fig1 = data["fig1"]
    t, chi = anchors.steps(fig1), series.graph(fig1, "susceptibility", definition)
    ratio = chi.max(axis=1) / np.maximum(np.median(chi, axis=1), 1e-9)
    when = np.maximum(t[chi.argmax(axis=1)], 0.5)
    peak = t[series.strength(fig1, definition).argmax(axis=1)]
    factor = np.maximum(when / peak, peak / when)
    high, near = np.median(ratio), np.median(factor) <= 3
    note = f"largest at t = {', '.join(f'{w:g}' for w in when)}; the peak of F2 at {', '.join(map(str, peak))}"
    return Measured(ratio, verdict(high >= 3 and near, high >= 1.5 and near), note)


def vanishes(data, definition):
    """Spearman correlation of F2(peak) / F2(T) with the size; it must be near 1 for the largest."""
    sweeps = data["sweeps"]
    runs = select.runs_of(sweeps, "sizes")
    f = select.strength(sweeps, runs, definition)
    sizes, ratio = select.by_size(sweeps, runs, f.max(axis=1) / f[:, -1])
    if sizes.size < 5:
        return Measured([], UNTESTABLE, f"{sizes.size} sizes")
    rho, end = rank_correlation(sizes, ratio), ratio[-1]
    gone = sizes[[(ratio[k:] <= 1.05).all() for k in range(sizes.size)]]
    note = f"at h = {sizes[-1]} {end:.3f}" + (f"; at most 1.05 from h = {gone[0]} on" if gone.size else "")
    return Measured([rho], verdict(rho <= -0.8 and end <= 1.05, rho < 0), note, n_runs=runs.size)


def large_stay_connected(data, definition):
    """Share of the sizes h >= 250 whose mean degree at T is at least that at t = 100."""
    return _share(data["sweeps"], definition, lambda h: h >= LARGE, lambda k, _: k[1] >= k[0], 1.0, 0.5)


def small_end_fragmented(data, definition):
    """Share of the sizes M <= 400 with more components and a smaller mean degree at T than at t = 100."""
    return _share(
        data["sweeps"], definition, lambda h: 2 * h + 10 <= SMALL, lambda k, n: (k[1] < k[0]) & (n[1] > n[0]), 0.8, 0.5
    )


def _share(data, definition, chosen, holds, reproduced, partly):
    """Share of the chosen sizes for which most runs show `holds`(mean degree, components), each (t = 100, T)."""
    runs = select.runs_of(data, "sizes")
    runs = runs[chosen(select.hidden(data, runs))]
    if not runs.size:
        return Measured([], UNTESTABLE, "no run of these sizes")
    ends = [select.at(data, select.TRANSITION), select.at(data, select.LAST)]
    k, n = (select.graph(data, m, runs, definition)[:, ends].T for m in ("mean_degree", "n_components"))
    sizes, share = select.by_size(data, runs, np.asarray(holds(k, n), float))
    value = (share > 0.5).mean()
    against = sizes[share <= 0.5]
    note = f"{sizes.size} sizes" + (f"; not at h = {', '.join(map(str, against))}" if against.size else "")
    return Measured([value], verdict(value >= reproduced, value >= partly), note, n_runs=runs.size)


def second_order(data, definition):
    """Exponent of the largest susceptibility in M; the largest gap between seeds of F2 over the rise must be small."""
    sweeps, five = data["sweeps"], data["anchors"]
    runs = select.runs_of(sweeps, "sizes")
    chi = select.graph(sweeps, "susceptibility", runs, definition).max(axis=1)
    flat, runs, chi = runs[chi <= 0], runs[chi > 0], chi[chi > 0]  # the smallest never fall into three components
    m, random = select.neurons(sweeps, runs), np.random.default_rng(0)
    if np.unique(m).size < 3:
        return Measured([], UNTESTABLE, "fewer than three sizes with a susceptibility")
    growth = scaling_exponent(m, chi, random=random)
    f, x = select.strength(sweeps, runs, definition), np.log1p(select.steps(sweeps))
    early = np.exp(x) - 1 <= 300
    rise = (np.diff(f[:, early], axis=1) / np.diff(x[early])).max(axis=1) / m**2
    rises = rise > 0
    sharp = scaling_exponent(m[rises], rise[rises], random=random)
    seeds = select.strength(five, np.arange(five.sizes["run"]), definition)
    inner = (select.steps(five) >= 1) & (select.steps(five) <= 300)
    gap = np.diff(np.sort(seeds[:, inner], axis=0), axis=0).max() / np.mean(seeds.max(axis=1) - seeds[:, 0])
    grows, single = growth.value > 0.2, gap < 0.5
    out, still = (", ".join(map(str, np.unique(x))) for x in (select.hidden(sweeps, flat), m[~rises]))
    never = f" (without {(~rises).sum()} of M = {still}, where F2 never rises)" if still else ""
    note = (f"without {flat.size} run{'s' * (flat.size > 1)} (h = {out}), where it is 0; " if flat.size else "") + (
        f"largest gap between neighbouring seeds {gap:.2f} of the rise of F2; largest slope of F2 / M^2 in ln t ~ "
        f"M^{sharp.value:.2f} ({sharp.low:.2f} to {sharp.high:.2f}), so the rise does "
        f"{'' if sharp.value > 0 else 'not '}sharpen with the size{never}; {seeds.shape[0]} seeds cannot "
        "exclude two states"
    )
    return Measured(
        [growth.value], verdict(grows and single, grows or single), note, (growth.low, growth.high), growth.n_runs
    )


DATA = ("sweeps", "anchors", "fig1")
CLAIMS = [
    Claim(
        "C02", "1.1", "1a", "the same for all initialisations, hyperparameters and sizes", "universal",
        "R: >= 90 % of the runs over initialisations, sizes, batch sizes and rates meet C01 and C05; P: >= 60 %",
        universal,
    ),
    Claim(
        "C23", "1.2", "1b, 1e", "all graph metrics show the same sharp transition", "all",
        "R: >= 80 % of 8 metrics have an inner extremum at t in [5, 300]; P: >= 50 %", all_metrics,
    ),
    Claim(
        "C24", "1.2", "1e", "at the transition the strength grows as M^(3/2)", "1.5",
        "R: exponent of F2 within 0.15; P: within 0.4", strength_at_transition,
    ),
    Claim(
        "C25", "1.2", "1e", "at the transition the largest component grows as M", "1",
        "R: exponent in [0.85, 1.15]; P: in [0.6, 1.4]", largest_at_transition,
    ),
    Claim(
        "C26", "1.2", "1e", "at the transition the mean degree is of order one at all sizes", "~ 1",
        "R: |exponent| <= 0.2 and a mean in [0.3, 5]; P: one", degree_at_transition,
    ),
    Claim(
        "C27", "1.2", "1e", "the transition does not depend on the batch size", "insensitive",
        "R: standard deviation of the peak time over batch sizes <= 0.3 of its mean; P: <= 0.6", insensitive_to_batch,
    ),
    Claim(
        "C28", "1.2", "1e", "the transition comes earlier at larger learning rates", "earlier",
        "R: Spearman of peak time and rate <= -0.8; P: <= -0.5", earlier_with_rate,
    ),
    Claim(
        "C29", "1.2", "1b, 1e", "the susceptibility jumps at the transition", "peak",
        "R: peak >= 3 times its median, within a factor 3 of the peak of F2; P: >= 1.5 times", susceptibility_jump,
    ),
    Claim(
        "C30", "1.2", "1e", "the transition vanishes gradually for larger models", "vanishes",
        "R: F2(peak)/F2(T) falls with M (Spearman <= -0.8), <= 1.05 at the largest; P: falls", vanishes,
    ),
    Claim(
        "C31", "1.2", "1e, 1i", "large models keep an extensive graph at the end", "highest connectivity at T",
        "R: mean degree at T >= that at 100 for all h >= 250; P: for most", large_stay_connected,
    ),
    Claim(
        "C32", "1.2", "1e", "the transition is of second order", "continuous",
        "R: largest susceptibility ~ M^x with x > 0.2, and no gap between seeds of F2 above half of its rise; P: one",
        second_order,
    ),
    Claim(
        "C33", "1.3", "1b, 1i", "small models end fragmented, below the connectivity of the transition", "M <= 400",
        "R: more components and a smaller mean degree at T than at 100 for >= 80 % of sizes; P: >= 50 %",
        small_end_fragmented,
    ),
]  # fmt: skip
