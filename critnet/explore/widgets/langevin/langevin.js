// The Langevin explorer: the stationary current of two coupled weights in noise, computed and simulated.

const SIMULATION = { walkers: 2000, steps: 100, dt: 0.02, cells: 11 };

function langevinPage() {
  const canvas = (part, text) => `<figure><figcaption>${text}</figcaption>`
    + `<canvas data-part="${part}" role="img" aria-label="${text.replace(/<[^>]*>/g, "")}; in words below"></canvas></figure>`;
  return `<p>Can a state be stationary and still flow? Drag the antisymmetric part of the drift through 0: the density stays, the current turns round.</p>
<div class="cx-controls" data-part="sliders"></div>
<div class="cg-plots">${canvas("plane", 'Stationary flux: <span class="cg-control">analytic</span>, <span class="cg-coded">simulated</span>; ellipses: density at one and two standard deviations')}
${canvas("circulation", 'Circulation against the antisymmetric part: <span class="cg-control">analytic</span>, <span class="cg-coded">simulated</span>')}</div>
<p class="cx-small" data-part="facts"></p>`;
}

function render({ model, el }) {
  const { name, caption } = model.get("given");
  const kicks = gaussians(2 * SIMULATION.walkers * (SIMULATION.steps + 1), 1); // the same for every choice of the reader
  let shown = {};

  function compute({ turn, stiffness, ratio }) {
    const key = [turn, stiffness, ratio].join();
    if (shown.key === key) return shown;
    const [drift, diffusion] = [driftOf(turn, stiffness), diffusionOf(ratio)];
    const state = stationaryOf(drift, diffusion);
    const reach = 2.4 * Math.sqrt(Math.max(state.covariance[0][0], state.covariance[1][1]));
    const found = simulated(drift, state.covariance, { ...SIMULATION, kicks, reach });
    const still = (stiffness - 1) * diffusion[0][1] / (diffusion[0][0] + diffusion[1][1]); // where A D is symmetric
    return { key, turn, stiffness, ratio, diffusion, reach, found, still, ...state };
  }

  const turnWords = (value) => (Math.abs(value) < 1e-9 ? "no current" : `a current ${value > 0 ? "anticlockwise" : "clockwise"}`);

  function factWords({ circulation, found, entropy, still }) {
    return `Circulation \u27e8w \u00d7 v\u27e9: ${fixed(circulation, 3)} analytic, ${fixed(found.circulation, 3)} simulated; entropy production ${fixed(entropy, 3)} per unit of time. `
      + `Detailed balance, where A D is symmetric, holds at an antisymmetric part of ${fixed(still, 3)}.`;
  }

  const view = explorer({
    el, name, kind: "langevin", caption,
    controls: [
      { type: "range", name: "turn", label: "antisymmetric part", low: -3, high: 3, step: 0.1, start: 1, text: (value) => fixed(value, 1), place: "sliders" },
      { type: "range", name: "stiffness", label: "stiffness 2", low: 0.25, high: 4, step: 0.25, start: 1, text: (value) => fixed(value, 2), place: "sliders" },
      { type: "range", name: "ratio", label: "noise 2", low: 0.25, high: 4, step: 0.25, start: 1, text: (value) => fixed(value, 2), place: "sliders" },
    ],
    body: langevinPage,
    draw: ({ one, state, colours }) => {
      shown = compute(state);
      drawPlane(one("plane"), shown, colours);
      drawCirculation(one("circulation"), shown, colours);
      one("facts").textContent = factWords(shown);
    },
    words: () => {
      const { turn, stiffness, ratio, covariance: [[xx, xy], [, yy]], circulation } = shown;
      return `Drift with stiffnesses 1 and ${fixed(stiffness, 2)} and antisymmetric part ${fixed(turn, 1)}; diffusion 1 and ${fixed(ratio, 2)} along the diagonals. The stationary density is a `
        + `Gaussian with variances ${fixed(xx, 3)} and ${fixed(yy, 3)} and covariance ${fixed(xy, 3)}; there is ${turnWords(circulation)}. ${factWords(shown)}`;
    },
    table: () => cellsOf(shown).map(({ at, exact, counted }) => ({
      w1: at[0], w2: at[1], flux_1_analytic: exact[0], flux_2_analytic: exact[1], flux_1_simulated: counted[0], flux_2_simulated: counted[1],
      antisymmetric_part: shown.turn, stiffness_2: shown.stiffness, diffusion_2: shown.ratio,
    })),
  });
  return view.dispose;
}

// Every cell of the plane: its centre, the flux there, and the simulated one.
function cellsOf({ covariance, velocity, reach, found }) {
  const { cells } = SIMULATION;
  return Array.from({ length: cells * cells }, (_, k) => {
    const at = [k % cells, Math.floor(k / cells)].map((place) => reach * ((2 * place + 1) / cells - 1));
    const p = densityOf(covariance, at);
    return { at, exact: velocity.map((row) => p * (row[0] * at[0] + row[1] * at[1])), counted: [found.flux[2 * k], found.flux[2 * k + 1]] };
  });
}

function drawPlane(canvas, shown, colours) {
  const { context, width, height } = fitted(canvas);
  const side = Math.min(width - 50, height - 60);
  const box = { left: 42, top: 22, right: 42 + side, bottom: 22 + side };
  const { reach, covariance } = shown;
  const { x, y } = axes(context, box, { low: -reach, high: reach, label: "w\u2081" }, { low: -reach, high: reach, label: "w\u2082" }, colours);
  const root = rootOf(covariance);
  for (const radius of [1, 2]) {
    const angles = Array.from({ length: 73 }, (_, k) => k * Math.PI / 36);
    polyline(context, angles.map((a) => x(radius * root[0][0] * Math.cos(a))),
      angles.map((a) => y(radius * (root[1][0] * Math.cos(a) + root[1][1] * Math.sin(a)))), { colour: colours.faint, width: 1 });
  }
  const all = cellsOf(shown);
  const longest = Math.max(0.02, ...all.map(({ exact }) => Math.hypot(...exact))); // below 0.02 arrows stay short
  const scale = 1.15 * side / SIMULATION.cells / longest;
  for (const [role, key, wide] of [["as-coded", "counted", 1.5], ["control", "exact", 2]]) {
    for (const each of all) arrow(context, x(each.at[0]), y(each.at[1]), each[key][0] * scale, -each[key][1] * scale, colours[role], wide);
  }
}

function arrow(context, x, y, dx, dy, colour, width) {
  const long = Math.hypot(dx, dy);
  if (!(long > 1)) return;
  const head = Math.min(5, long / 2);
  const turn = (angle) => [x + dx - head * Math.cos(Math.atan2(dy, dx) + angle), y + dy - head * Math.sin(Math.atan2(dy, dx) + angle)];
  const [left, right] = [turn(0.5), turn(-0.5)];
  polyline(context, [x, x + dx, left[0], x + dx, right[0]], [y, y + dy, left[1], y + dy, right[1]], { colour, width });
}

function drawCirculation(canvas, { turn, stiffness, diffusion, circulation, found }, colours) {
  const { context, width, height } = fitted(canvas);
  const box = { left: 50, top: 22, right: width - 8, bottom: height - 38 };
  const turns = Array.from({ length: 61 }, (_, k) => (k - 30) / 10);
  const curve = turns.map((each) => stationaryOf(driftOf(each, stiffness), diffusion).circulation);
  const most = 1.1 * Math.max(1, ...curve.map(Math.abs));
  const { x, y } = axes(context, box, { low: -3, high: 3, label: "antisymmetric part of the drift" }, { low: -most, high: most, label: "circulation" }, colours);
  polyline(context, [box.left, box.right], [y(0), y(0)], { colour: colours.faint, width: 1 });
  polyline(context, turns.map(x), curve.map(y), { colour: colours.control, width: 2 });
  for (const [role, value, radius] of [["control", circulation, 6], ["as-coded", found.circulation, 3.5]]) {
    context.fillStyle = colours[role];
    context.beginPath();
    context.arc(x(turn), y(value), radius, 0, 2 * Math.PI);
    context.fill();
  }
}

export default { render };
