// A two-dimensional Ornstein-Uhlenbeck process dw = -A w dt + noise of diffusion D: stationary covariance, current,
// simulation. Matrices are [[a, b], [c, d]]; the same numbers as scipy's; no page here.

const times = (m, n) => m.map((row) => n[0].map((_, j) => row[0] * n[0][j] + row[1] * n[1][j]));
const plus = (m, n, factor = 1) => m.map((row, i) => row.map((value, j) => value + factor * n[i][j]));
const turned = (m) => [[m[0][0], m[1][0]], [m[0][1], m[1][1]]];
const determinant = (m) => m[0][0] * m[1][1] - m[0][1] * m[1][0];
const inverse = (m) => {
  const size = determinant(m);
  return [[m[1][1] / size, -m[0][1] / size], [-m[1][0] / size, m[0][0] / size]];
};

// Drift -A w: stiffness 1 and `stiffness`, and the antisymmetric part `turn`; positive turns anticlockwise.
const driftOf = (turn, stiffness) => [[1, turn], [-turn, stiffness]];

// Diffusion 1 along one diagonal and `ratio` along the other.
const diffusionOf = (ratio) => [[(1 + ratio) / 2, (1 - ratio) / 2], [(1 - ratio) / 2, (1 + ratio) / 2]];

// Sigma from A Sigma + Sigma A^T = 2 D: three linear equations, by Cramer's rule.
function covarianceOf([[a, b], [c, d]], diffusion) {
  const rows = [[a, b, 0], [c, a + d, b], [0, c, d]];
  const right = [diffusion[0][0], 2 * diffusion[0][1], diffusion[1][1]];
  const triple = ([p, q, r]) => p[0] * (q[1] * r[2] - q[2] * r[1]) - p[1] * (q[0] * r[2] - q[2] * r[0]) + p[2] * (q[0] * r[1] - q[1] * r[0]);
  const all = triple(rows);
  const [x, y, z] = [0, 1, 2].map((k) => triple(rows.map((row, i) => row.map((value, j) => (j === k ? right[i] : value)))) / all);
  return [[x, y], [y, z]];
}

// e^M of a matrix of two rows.
function exponential(m) {
  const half = (m[0][0] + m[1][1]) / 2;
  const rest = plus(m, [[half, 0], [0, half]], -1);
  const square = -determinant(rest);
  const root = Math.sqrt(Math.abs(square));
  const [even, odd] = square > 0 ? [Math.cosh(root), Math.sinh(root) / root] : [Math.cos(root), root ? Math.sin(root) / root : 1];
  return plus([[even, 0], [0, even]], rest, odd).map((row) => row.map((value) => Math.exp(half) * value));
}

// Lower triangle L with L L^T = M.
function rootOf(m) {
  const first = Math.sqrt(m[0][0]);
  return [[first, 0], [m[1][0] / first, Math.sqrt(Math.max(0, m[1][1] - (m[1][0] / first) ** 2))]];
}

// The stationary state: covariance, velocity v = Q w of its current J = v p, circulation <w x v>, entropy production.
function stationaryOf(drift, diffusion) {
  const covariance = covarianceOf(drift, diffusion);
  const velocity = plus(times(diffusion, inverse(covariance)), drift, -1);
  const flow = times(velocity, covariance); // antisymmetric
  const heat = times(times(flow, turned(velocity)), inverse(diffusion));
  return { covariance, velocity, circulation: flow[1][0] - flow[0][1], entropy: heat[0][0] + heat[1][1] };
}

// p(w) of the stationary state.
function densityOf(covariance, [x, y]) {
  const [[a, b], [, d]] = inverse(covariance);
  return Math.exp(-(a * x * x + 2 * b * x * y + d * y * y) / 2) / (2 * Math.PI * Math.sqrt(determinant(covariance)));
}

// `walkers` particles drawn from the stationary law and moved `steps` times by dt, exactly; `kicks` are normal numbers,
// 2 walkers (steps + 1). The velocity of the current at a place is the mean of (w(t + dt) - w(t - dt)) / 2 dt of those
// there. Flux by cells of a square of `cells` x `cells` over [-reach, reach], (x, y) in row-major order; circulation.
function simulated(drift, covariance, { kicks, walkers, steps, dt, cells, reach }) {
  const step = exponential(drift.map((row) => row.map((value) => -dt * value)));
  const noise = rootOf(plus(covariance, times(times(step, covariance), turned(step)), -1));
  const begin = rootOf(covariance);
  const [[s0, s1], [s2, s3]] = step;
  const [[n0], [n1, n2]] = noise;
  const flux = new Float64Array(2 * cells * cells);
  const scale = cells / (2 * reach);
  let [circulation, place] = [0, 0];
  for (let k = 0; k < walkers; k += 1) {
    let [px, py] = [0, 0];
    let x = begin[0][0] * kicks[place];
    let y = begin[1][0] * kicks[place] + begin[1][1] * kicks[place + 1];
    place += 2;
    for (let t = 0; t < steps; t += 1, place += 2) {
      const nx = s0 * x + s1 * y + n0 * kicks[place];
      const ny = s2 * x + s3 * y + n1 * kicks[place] + n2 * kicks[place + 1];
      if (t) {
        const [vx, vy] = [(nx - px) / (2 * dt), (ny - py) / (2 * dt)];
        circulation += x * vy - y * vx;
        const [i, j] = [Math.floor((x + reach) * scale), Math.floor((y + reach) * scale)];
        if (i >= 0 && j >= 0 && i < cells && j < cells) {
          flux[2 * (j * cells + i)] += vx;
          flux[2 * (j * cells + i) + 1] += vy;
        }
      }
      [px, py, x, y] = [x, y, nx, ny];
    }
  }
  const number = walkers * (steps - 1);
  return { flux: flux.map((value) => value * scale * scale / number), circulation: circulation / number };
}
