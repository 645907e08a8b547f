// A coupling cost with one side frozen, and laws of its fall. Numbers only, no page here.

// Rows of a square table: the cost with weights of iteration i and correlations of iteration j stands at i * n + j.
function coursesOf(table, n, at) {
  const pick = (place) => Array.from({ length: n }, (_, i) => table[place(i)]);
  return { both: pick((i) => i * n + i), weights: pick((i) => i * n + at), coherence: pick((i) => at * n + i) };
}

// Means of ln t and of y over equal stretches of ln t; empty ones are left out: { u, y }.
function evenInLog(t, y, points = 40) {
  const u = t.map(Math.log);
  const [low, high] = [u[0], u[u.length - 1]];
  const edges = Array.from({ length: points + 1 }, (_, k) => (k === points ? high : low + k * ((high - low) / points)));
  const parts = Array.from({ length: points }, () => ({ n: 0, u: 0, y: 0 }));
  u.forEach((value, k) => {
    let place = 0;
    while (place < points - 1 && value >= edges[place + 1]) place += 1;
    parts[place].n += 1;
    parts[place].u += value;
    parts[place].y += y[k];
  });
  const some = parts.filter(({ n }) => n);
  return { u: some.map((part) => part.u / part.n), y: some.map((part) => part.y / part.n) };
}

// Least squares of y on x: { intercept, slope, left }, the last the sum of squares that is left.
function linear(x, y) {
  const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;
  const [mx, my] = [mean(x), mean(y)];
  let [across, along] = [0, 0];
  x.forEach((value, k) => {
    across += (value - mx) ** 2;
    along += (value - mx) * y[k];
  });
  const slope = across > 0 ? along / across : 0;
  const intercept = my - slope * mx;
  return { intercept, slope, left: x.reduce((sum, value, k) => sum + (y[k] - intercept - slope * value) ** 2, 0) };
}

// The simplex search of Nelder and Mead in two dimensions, as SciPy does it.
function nelderMead(f, start, most = 400, close = 1e-4) {
  const point = (x) => ({ x, f: f(x) });
  const moved = (k) => start.map((value, i) => (i === k ? (value !== 0 ? 1.05 * value : 0.00025) : value));
  let simplex = [start, moved(0), moved(1)].map(point);
  const sort = () => { simplex = simplex.sort((a, b) => a.f - b.f); };
  sort();
  for (let turn = 1; turn < most; turn += 1) {
    const [best, middle, worst] = simplex;
    const apart = Math.max(...[middle, worst].map(({ x }) => Math.max(...x.map((value, i) => Math.abs(value - best.x[i])))));
    if (apart <= close && Math.max(Math.abs(best.f - middle.f), Math.abs(best.f - worst.f)) <= close) break;
    const centre = best.x.map((value, i) => (value + middle.x[i]) / 2);
    const along = (share) => point(centre.map((value, i) => (1 + share) * value - share * worst.x[i]));
    const reflected = along(1);
    let taken = null;
    if (reflected.f < best.f) {
      const expanded = along(2);
      taken = expanded.f < reflected.f ? expanded : reflected;
    } else if (reflected.f < middle.f) taken = reflected;
    else if (reflected.f < worst.f) {
      const contracted = along(0.5);
      if (contracted.f <= reflected.f) taken = contracted;
    } else {
      const contracted = along(-0.5);
      if (contracted.f < worst.f) taken = contracted;
    }
    if (taken) simplex[2] = taken;
    else simplex = [best, ...[middle, worst].map(({ x }) => point(best.x.map((value, i) => value + 0.5 * (x[i] - value))))];
    sort();
  }
  return simplex[0].x;
}

// The law fitted to points (u = ln t, y): { at(u), rSquared, parameters }; "log", "power" or "stretched".
function fitLaw(u, y, law) {
  const spread = linear(u.map(() => 0), y).left;
  let shape;
  let parameters = {};
  if (law === "log") shape = (value) => value;
  else if (law === "power") {
    const cost = (a) => linear(u.map((value) => Math.exp(a * value)), y).left;
    const ladder = Array.from({ length: 40 }, (_, k) => 0.01 * 200 ** (k / 39));
    const tried = [...ladder.map((a) => -a).reverse(), ...ladder];
    const best = tried.reduce((least, a) => { const c = cost(a); return c < least.c ? { a, c } : least; }, { a: 0, c: Infinity }).a;
    let [low, high] = [best / 1.2, best * 1.2].sort((a, b) => a - b);
    const golden = (Math.sqrt(5) - 1) / 2;
    while (high - low > 1e-8) {
      const [c, d] = [high - golden * (high - low), low + golden * (high - low)];
      if (cost(c) < cost(d)) high = d;
      else low = c;
    }
    const a = (low + high) / 2;
    parameters = { a };
    shape = (value) => Math.exp(a * value);
  } else {
    const low = [u[0] - Math.log(10), Math.log(0.02)];
    const high = [u[u.length - 1] + Math.log(10), Math.log(2)];
    const shapeOf = (p) => {
      const [logTau, logBeta] = p.map((value, i) => Math.min(high[i], Math.max(low[i], value)));
      return (value) => -Math.expm1(-Math.exp(Math.exp(logBeta) * (value - logTau)));
    };
    const cost = (p) => linear(u.map(shapeOf(p)), y).left;
    let best = { p: low, c: Infinity };
    for (let i = 0; i < 20; i += 1) {
      for (let j = 0; j < 15; j += 1) {
        const p = [low[0] + (i / 19) * (high[0] - low[0]), low[1] + (j / 14) * (high[1] - low[1])];
        const c = cost(p);
        if (c < best.c) best = { p, c };
      }
    }
    const found = nelderMead(cost, best.p);
    parameters = { tau: Math.exp(Math.min(high[0], Math.max(low[0], found[0]))), beta: Math.exp(Math.min(high[1], Math.max(low[1], found[1]))) };
    shape = shapeOf(found);
  }
  const { intercept, slope, left } = linear(u.map(shape), y);
  return { at: (value) => intercept + slope * shape(value), rSquared: spread > 0 ? 1 - left / spread : 1, parameters: { ...parameters, intercept, slope } };
}

// A law fitted up to `until`, and how far it is from what follows: max |law - y| / max |y|; NaN where nothing follows.
function foretold(t, y, law, until) {
  const early = t.filter((value) => value <= until).length;
  const points = evenInLog(t.slice(0, early), y.slice(0, early));
  const fit = fitLaw(points.u, points.y, law);
  if (early === t.length) return { fit, error: NaN };
  const late = evenInLog(t.slice(early), y.slice(early));
  const largest = Math.max(...late.y.map(Math.abs));
  return { fit, error: Math.max(...late.u.map((u, k) => Math.abs(fit.at(u) - late.y[k]))) / largest };
}
