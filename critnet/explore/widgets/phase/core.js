// The numbers of the phase diagram: criterion, boundary, misfit, colour. No page in it.

const DIVERGED_LOSS = 100; // the authors' values where the loss is no longer finite
const DIVERGED_ENTROPY = 1e-10;
const FEWEST_SIZES = 5; // a mobility with fewer has no place of the boundary
const FEWEST_PLACES = 4; // fewer give no fit

// ln(loss / entropy change); +Infinity where the entropy change is 0.
function criterionOf(loss, entropy) {
  const diverged = !Number.isFinite(loss) || !Number.isFinite(entropy);
  const [above, below] = diverged ? [DIVERGED_LOSS, DIVERGED_ENTROPY] : [loss, entropy];
  return below > 0 ? Math.log(above) - Math.log(below) : Infinity;
}

const heightOf = ({ curvature, vertex, minimum }, x) => curvature * (x - vertex) ** 2 + minimum;

// Of cells { x, y, criterion } those on the wrong side, converged below the boundary or unconverged above it.
function wrongSide(cells, parabola, threshold) {
  return cells.filter(({ x, y, criterion }) => (criterion < threshold) !== (y > heightOf(parabola, x)));
}

// Where the boundary lies: at each x with five sizes or more, not all on one side of the threshold, the middle of the
// step of y at which the criterion falls most steeply; of any step where it never falls. +Infinity counts as diverged.
function placesOf(cells, threshold) {
  const columns = new Map();
  for (const cell of cells) {
    if (!columns.has(cell.x)) columns.set(cell.x, []);
    columns.get(cell.x).push(cell);
  }
  const found = [];
  for (const [x, column] of [...columns].sort(([a], [b]) => a - b)) {
    column.sort((a, b) => a.y - b.y);
    const values = column.map(({ criterion }) => Math.min(criterion, criterionOf(NaN, NaN)));
    const converged = values.filter((value) => value < threshold).length;
    if (column.length < FEWEST_SIZES || !converged || converged === column.length) continue;
    const slopes = values.slice(1).map((value, i) => (value - values[i]) / (column[i + 1].y - column[i].y));
    const falls = slopes.some((slope) => slope < 0);
    const steep = slopes.map((slope) => (falls ? Math.max(0, -slope) : Math.abs(slope)));
    const i = steep.indexOf(Math.max(...steep));
    found.push({ x, y: (column[i].y + column[i + 1].y) / 2 });
  }
  return found;
}

// Root of the mean squared vertical distance of points from the parabola; NaN without points.
function distanceOf(points, parabola) {
  return Math.sqrt(points.reduce((sum, { x, y }) => sum + (y - heightOf(parabola, x)) ** 2, 0) / points.length);
}

// The parabola of least squares through points, or null: too few of them, at fewer than three x, or on a line.
function fitOf(points) {
  if (points.length < FEWEST_PLACES || new Set(points.map(({ x }) => x)).size < 3) return null;
  const mean = points.reduce((sum, { x }) => sum + x, 0) / points.length;
  const powers = points.map(({ x }) => [1, x - mean, (x - mean) ** 2]);
  const rows = [0, 1, 2].map((i) => [
    ...[0, 1, 2].map((j) => powers.reduce((sum, power) => sum + power[i] * power[j], 0)),
    powers.reduce((sum, power, k) => sum + power[i] * points[k].y, 0),
  ]);
  for (let i = 0; i < 3; i += 1) { // Gauss, with the largest pivot
    const pivot = [0, 1, 2].slice(i).reduce((best, k) => (Math.abs(rows[k][i]) > Math.abs(rows[best][i]) ? k : best), i);
    [rows[i], rows[pivot]] = [rows[pivot], rows[i]];
    for (let k = 0; k < 3; k += 1) {
      if (k === i) continue;
      const factor = rows[k][i] / rows[i][i];
      rows[k] = rows[k].map((value, j) => value - factor * rows[i][j]);
    }
  }
  const [c, b, a] = rows.map((row, i) => row[3] / row[i]);
  if (!(Math.abs(a) > 1e-9)) return null;
  return { curvature: a, vertex: mean - b / (2 * a), minimum: c - b ** 2 / (4 * a) };
}

// A point on the parabola to take it by, within limits { x: [low, high], y: [low, high] }; right of the vertex where there is room.
function armOf(parabola, { x, y }) {
  const { curvature, vertex, minimum } = parabola;
  const reach = Math.sqrt(Math.abs(((curvature > 0 ? y[1] : y[0]) - minimum) / (curvature || 1e-9)));
  const away = Math.max(0.4, Math.min(1.75, 0.8 * reach));
  const at = vertex + away <= x[1] ? vertex + away : vertex - away;
  return { x: at, y: heightOf(parabola, at) };
}

// Borders of the cells around sorted coordinates: halfway between neighbours, the outer ones as far out as in.
function bordersOf(values) {
  if (values.length === 1) return [values[0] - 0.5, values[0] + 0.5];
  const inner = values.slice(1).map((value, i) => (values[i] + value) / 2);
  return [2 * values[0] - inner[0], ...inner, 2 * values.at(-1) - inner.at(-1)];
}

// The lowest and highest finite value, of positive ones on a logarithmic scale; null where there is none.
function rangeOf(values, log) {
  const finite = values.filter((value) => Number.isFinite(value) && (!log || value > 0));
  return finite.length ? { low: Math.min(...finite), high: Math.max(...finite), log } : null;
}

// Where a value lies in a range, from 0 to 1, held at its ends; NaN for no number.
function placeIn({ low, high, log }, value) {
  const f = log ? Math.log : (v) => v;
  const place = high > low ? (f(value) - f(low)) / (f(high) - f(low)) : 0.5;
  return Number.isNaN(value) ? NaN : Math.min(1, Math.max(0, place));
}

// The median of the values that are numbers; NaN without any.
function medianOf(values) {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (!sorted.length) return NaN;
  return sorted.length % 2 || sorted[middle] === sorted[middle - 1] ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

// The colour at a place from 0 to 1 among stops "#rrggbb", as [r, g, b].
function colourAt(stops, place) {
  const at = place * (stops.length - 1);
  const i = Math.min(stops.length - 2, Math.floor(at));
  const [low, high] = [stops[i], stops[i + 1]].map((stop) => [1, 3, 5].map((k) => parseInt(stop.slice(k, k + 2), 16)));
  return low.map((value, k) => Math.round(value + (high[k] - value) * (at - i)));
}

// Black or white ink, whichever reads better on a colour.
function inkOn(rgb) {
  const [r, g, b] = rgb.map((value) => ((value / 255 <= 0.03928) ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000000" : "#ffffff";
}
