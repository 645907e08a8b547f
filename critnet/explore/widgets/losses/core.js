// Weighted losses reweighted by e^(theta x), x = (L - min) / (max - min), theta = -beta (max - min): rate function,
// the authors' spline, criterion. The same numbers as critnet.losses.deviations; no page here.

const KNOTS = 100;
const TINY = 1e-300;
const NEGLIGIBLE = 60; // e^-60 of the largest weight is below rounding
const DEEPEST = 30; // as coded, samples whose log-weight lies further below the largest do not count
const LARGEST_BETA = 1e10;

// Rising losses and how many samples each stands for, of which those with none are padding.
function lossesOf(values, counts) {
  const kept = [...values.keys()].filter((i) => counts[i] > 0);
  const loss = Float64Array.from(kept, (i) => values[i]);
  const count = Float64Array.from(kept, (i) => counts[i]);
  const size = count.reduce((sum, c) => sum + c, 0);
  const [low, high] = [loss[0], loss[loss.length - 1]];
  const range = high - low;
  const mean = low + loss.reduce((sum, value, i) => sum + count[i] * (value - low), 0) / size;
  const scaled = loss.map((value) => (range > 0 ? (value - low) / range : 0));
  return { loss, count, size, low, high, range, mean, scaled, cap: Math.log(size) };
}

// ln <e^(theta (x - end))>, mean of x - end and variance of x under theta; end, 0 or 1, is the one that theta favours.
function cumulants({ scaled, count, size }, theta) {
  const end = theta >= 0 ? 1 : 0;
  const step = end ? -1 : 1;
  let [zeroth, first, second] = [0, 0, 0];
  for (let i = end ? scaled.length - 1 : 0; i >= 0 && i < scaled.length; i += step) {
    const away = scaled[i] - end;
    const exponent = theta * away;
    if (exponent < -NEGLIGIBLE) break; // the losses rise
    const weight = count[i] * Math.exp(exponent);
    zeroth += weight;
    first += weight * away;
    second += weight * away * away;
  }
  const mean = first / zeroth;
  return { logarithm: Math.log(zeroth / size), mean, variance: second / zeroth - mean * mean, end };
}

// theta at which the mean loss is b; infinite at the ends and beyond. Newton on the logit of the mean of x, bracketed.
function solve(losses, b, guess = 0) {
  if (losses.range === 0 || b === losses.mean) return 0;
  if (b >= losses.high) return Infinity;
  if (b <= losses.low) return -Infinity;
  let [lower, upper] = b > losses.mean ? [0, Infinity] : [-Infinity, 0];
  const target = Math.log(b - losses.low) - Math.log(losses.high - b);
  let theta = guess > lower && guess < upper && Number.isFinite(guess) ? guess : 0;
  for (let round = 0; round < 200; round += 1) {
    const { mean, variance, end } = cumulants(losses, theta);
    const [above, below] = [Math.max(end + mean, TINY), Math.max(1 - end - mean, TINY)]; // to the smallest, to the largest
    const miss = target - Math.log(above) + Math.log(below);
    if (miss > 0) lower = Math.max(lower, theta);
    else upper = Math.min(upper, theta);
    const limit = 4 * Math.max(Math.abs(theta), 1);
    const step = miss * above * below / Math.max(variance, TINY);
    let next = theta + Math.min(limit, Math.max(-limit, step));
    if (!(next > lower && next < upper) && Number.isFinite(lower) && Number.isFinite(upper)) next = (lower + upper) / 2;
    const moved = Math.abs(next - theta);
    theta = next;
    if (moved <= 1e-9 * Math.abs(theta) + 1e-13) break;
  }
  return theta;
}

const betaOf = (losses, theta) => (theta === 0 ? 0 : -theta / (losses.range || 1)); // 1/nat

// ln N - S, exact and two-sided; ln N outside the losses.
function rateAt(losses, b, theta) {
  const { low, high, mean, range, cap, count } = losses;
  if (b === mean) return 0;
  if (b === high) return cap - Math.log(count[count.length - 1]);
  if (b === low) return cap - Math.log(count[0]);
  if (b < low || b > high) return cap;
  const { logarithm, end } = cumulants(losses, theta);
  return Math.min(cap, Math.max(0, theta * ((b - (end ? high : low)) / range) - logarithm));
}

// The share of all samples that each loss has under theta; the end alone where theta is infinite.
function reweighted({ scaled, count }, theta) {
  const end = theta >= 0 ? 1 : 0;
  const weight = count.map((c, i) => (scaled[i] === end ? c : Number.isFinite(theta) ? c * Math.exp(theta * (scaled[i] - end)) : 0));
  const total = weight.reduce((sum, w) => sum + w, 0);
  return weight.map((w) => w / total);
}

// -1 where b is below the mean loss, +1 where it is above the largest, 0 between: only there the spline interpolates.
const sideOf = ({ mean, high }, b) => (b > high ? 1 : 0) - (b < mean ? 1 : 0);

// ln(mean loss / Delta S).
function criterionOf(loss, entropy) {
  if (Number.isNaN(entropy)) return NaN;
  return entropy > 0 ? Math.log(loss) - Math.log(entropy) : Infinity;
}

// Delta S and what goes with it at one b; `table` is that of `splineOf`, or null.
function entropiesAt(losses, table, b, guess = 0) {
  const theta = solve(losses, b, guess);
  const control = rateAt(losses, b, theta);
  const coded = table ? splineAt(table, b) : NaN;
  const upper = b > losses.mean ? control : 0;
  return {
    theta, beta: betaOf(losses, theta), side: sideOf(losses, b), control, coded, upper,
    criteria: { control: criterionOf(losses.mean, control), coded: criterionOf(losses.mean, coded), upper: criterionOf(losses.mean, upper) },
  };
}

// ---- as coded: a quintic spline through Delta S at 100 equal steps from the mean to the largest loss

// ln N - S without the samples that lie too deep; theta > 0.
function truncatedRate({ scaled, count, cap }, theta) {
  let [total, moment] = [0, 0];
  for (let i = scaled.length - 1; i >= 0; i -= 1) {
    const exponent = theta * (scaled[i] - 1);
    if (exponent < -DEEPEST) break;
    const weight = count[i] * Math.exp(exponent);
    total += weight;
    moment += weight * exponent;
  }
  return cap - Math.log(total) + moment / total;
}

// { start, step, coefficients, table } of the spline, or null where the losses are too close for 100 knots.
function splineOf(losses) {
  const { mean, high, range } = losses;
  const step = (high - mean) / (KNOTS - 1);
  const knots = Array.from({ length: KNOTS }, (_, k) => (k === KNOTS - 1 ? high : mean + k * step));
  if (knots.some((b, k) => k > 0 && !(b > knots[k - 1]))) return null;
  let theta = 0;
  const table = knots.map((b) => {
    theta = Math.min(solve(losses, b, theta), LARGEST_BETA * range);
    return theta > DEEPEST ? truncatedRate(losses, theta) : rateAt(losses, b, theta);
  });
  return { start: mean, step, table, coefficients: interpolated(table) };
}

const splineAt = ({ start, step, coefficients }, b) => Math.abs(deBoor(coefficients, (b - start) / step));

// Knots of the spline in steps: the ends six times, and all data but three at either end.
const PLACES = [...Array(6).fill(0), ...Array.from({ length: KNOTS - 6 }, (_, i) => i + 3), ...Array(6).fill(KNOTS - 1)];

// The knot span that holds u; the first or the last for u outside, where the polynomial there goes on.
const spanOf = (u) => Math.min(KNOTS - 1, Math.max(5, Math.floor(u) + 3));

// The six B-splines that are not zero in the span of u.
function basis(u) {
  const span = spanOf(u);
  const values = [1, 0, 0, 0, 0, 0];
  for (let degree = 1; degree <= 5; degree += 1) {
    let saved = 0;
    for (let r = 0; r < degree; r += 1) {
      const [right, left] = [PLACES[span + r + 1], PLACES[span + r + 1 - degree]];
      const share = values[r] / (right - left);
      values[r] = saved + (right - u) * share;
      saved = (u - left) * share;
    }
    values[degree] = saved;
  }
  return { span, values };
}

// The matrix that takes coefficients to data, factored once: it is the same for all data, banded, and needs no pivots.
const FACTORS = (() => {
  const rows = Array.from({ length: KNOTS }, (_, k) => {
    const row = new Float64Array(KNOTS);
    const { span, values } = basis(k);
    values.forEach((value, i) => { row[span - 5 + i] = value; });
    return row;
  });
  for (let k = 0; k < KNOTS; k += 1) {
    for (let i = k + 1; i < Math.min(KNOTS, k + 6); i += 1) {
      const factor = rows[i][k] / rows[k][k];
      for (let j = k + 1; j < Math.min(KNOTS, k + 11); j += 1) rows[i][j] -= factor * rows[k][j];
      rows[i][k] = factor;
    }
  }
  return rows;
})();

function interpolated(table) {
  const c = Float64Array.from(table);
  for (let i = 0; i < KNOTS; i += 1) for (let j = Math.max(0, i - 5); j < i; j += 1) c[i] -= FACTORS[i][j] * c[j];
  for (let i = KNOTS - 1; i >= 0; i -= 1) {
    for (let j = i + 1; j < Math.min(KNOTS, i + 11); j += 1) c[i] -= FACTORS[i][j] * c[j];
    c[i] /= FACTORS[i][i];
  }
  return c;
}

function deBoor(coefficients, u) {
  const { span, values } = basis(u);
  return values.reduce((sum, value, i) => sum + value * coefficients[span - 5 + i], 0);
}

// ---- the distribution, for a picture

// Bins of equal width in ln L: lower edges, width (in ln L), and each bin's share of the weight. The weight of a loss is
// spread evenly to half-way between its neighbours, at most a bin far, since it may stand for a group. Losses of 0 are in none.
function binned({ loss }, weight) {
  const first = loss.findIndex((value) => value > 0);
  if (first < 0) return { edges: [], width: 1, share: [] };
  const places = loss.subarray(first).map(Math.log);
  const [low, last] = [places[0], places.length - 1];
  const width = Math.max((places[last] - low) / 150, 0.1);
  const share = new Float64Array(Math.floor((places[last] - low) / width) + 1);
  for (let i = 0; i <= last; i += 1) {
    const from = (Math.max(i ? (places[i - 1] + places[i]) / 2 : low, places[i] - width) - low) / width;
    const to = (Math.min(i < last ? (places[i] + places[i + 1]) / 2 : places[last], places[i] + width) - low) / width;
    for (let k = Math.floor(from); k < share.length && (k < to || k === Math.floor(from)); k += 1) {
      const part = to > from ? (Math.min(to, k + 1) - Math.max(from, k)) / (to - from) : 1;
      share[k] += weight[first + i] * part;
    }
  }
  return { edges: Array.from(share, (_, k) => Math.exp(low + k * width)), width, share: [...share] };
}
