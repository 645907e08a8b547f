// Places in three dimensions and how they are seen; the same numbers as NumPy's; no page here.

// Rows of the turned space: to the right, up, towards the reader. Degrees; as Matplotlib's azim and elev.
function viewOf(turn, tilt) {
  const [a, e] = [turn, tilt].map((angle) => angle * Math.PI / 180);
  const [ca, sa, ce, se] = [Math.cos(a), Math.sin(a), Math.cos(e), Math.sin(e)];
  return [[-sa, ca, 0], [-ca * se, -sa * se, ce], [ca * ce, sa * ce, se]];
}

const seenFrom = (view, place) => view.map((row) => row[0] * place[0] + row[1] * place[1] + row[2] * place[2]);

// Centre of each digit that has an image: a Map of digit to place.
function centresOf(places, labels) {
  const sums = new Map();
  places.forEach((place, k) => {
    const sum = sums.get(labels[k]) || sums.set(labels[k], { count: 0, total: place.map(() => 0) }).get(labels[k]);
    sum.count += 1;
    place.forEach((value, axis) => { sum.total[axis] += value; });
  });
  return new Map([...sums].sort(([a], [b]) => a - b).map(([digit, { count, total }]) => [digit, total.map((value) => value / count)]));
}

// Variance of the digits' centres over the variance within digits, each image counted once; NaN where nothing varies.
function traceRatio(places, labels) {
  const centres = centresOf(places, labels);
  const middle = places[0].map((_, axis) => places.reduce((sum, place) => sum + place[axis], 0) / places.length);
  let [between, within] = [0, 0];
  places.forEach((place, k) => {
    const centre = centres.get(labels[k]);
    place.forEach((value, axis) => {
      within += (value - centre[axis]) ** 2;
      between += (centre[axis] - middle[axis]) ** 2;
    });
  });
  return between / within;
}

// Angles after a drag by (dx, dy) pixels of a ball of this radius: what is in front follows the pointer.
function dragged({ turn, tilt }, dx, dy, radius) {
  const degrees = (pixels) => pixels / radius * 180 / Math.PI;
  const round = ((Math.round(turn - degrees(dx)) + 180) % 360 + 360) % 360 - 180;
  return { turn: round, tilt: Math.max(-90, Math.min(90, Math.round(tilt + degrees(dy)))) };
}

// What the boundary between two stages, a number or a range [low, high], makes of an iteration.
const phaseOf = (t, [low, high]) => (t < low ? "P1" : t > high ? "P2" : "the shift itself");
