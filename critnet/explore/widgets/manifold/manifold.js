// The manifold explorer: images in the space of neurons, turned by hand; how far the digits part, over training.

const COURSES = { three: "on these three axes", circuits: "circuits' neurons", outputs: "outputs" };
const HUES = { three: "ink", circuits: "q1", outputs: "q2" };
const STEP = 5; // degrees, by an arrow key
const ZERO = 0.5; // where t = 0 stands on a log axis

function manifoldPage(id) {
  return `<p>Turn the cloud: drag it, or give it the focus and press the arrow keys. From where do the digits part best?</p>
<div class="cx-controls" data-part="sliders"></div>
<div class="cm-plots"><figure><figcaption id="${id("keys")}">Images by digit on three principal axes, and the centre of each digit</figcaption>
<canvas data-part="cloud" tabindex="0" role="application" aria-label="images in three dimensions: arrow keys turn and tilt; in words below"></canvas></figure>
<figure><figcaption>Between over within digits: <span class="cm-three">${COURSES.three}</span>, all dimensions of <span class="cm-circuits">${COURSES.circuits}</span> and <span class="cm-outputs">${COURSES.outputs}</span></figcaption>
<canvas data-part="course" role="img" aria-label="between over within digits against the iteration, with the stages P1 and P2; in words below"></canvas></figure></div>
<p class="cx-small" data-part="facts"></p>`;
}

function render({ model, el }) {
  const { name, caption, t, hues, paper, found, start, unit, ...given } = model.get("given");
  const labels = [...numbersOf(given.labels, "u1")];
  const [numbers, n] = [numbersOf(given.places, "<i2"), labels.length];
  const cloudAt = (k) => labels.map((_, i) => [0, 1, 2].map((axis) => unit * numbers[(3 * k + axis) * n + i]));
  const clouds = t.map((_, k) => cloudAt(k));
  const courses = { three: clouds.map((cloud) => traceRatio(cloud, labels)), circuits: given.circuits, outputs: given.outputs };
  const far = clouds.flat().map((place) => Math.hypot(...place)).sort((a, b) => a - b);
  const reach = far[Math.floor(0.995 * (far.length - 1))]; // one in 200 lies farther out than the axes reach
  let [shown, grip] = [{}, null];

  function compute(state) {
    const view = viewOf(state.turn, state.tilt);
    const cloud = clouds[t.indexOf(state.t)];
    const seen = cloud.map((place) => seenFrom(view, place));
    return {
      state, view, cloud, seen, at: t.indexOf(state.t),
      centres: [...centresOf(cloud, labels)].map(([digit, place]) => [digit, seenFrom(view, place)]),
      ratio: traceRatio(seen.map(([x, y]) => [x, y]), labels),
    };
  }

  const degrees = (value) => `${whole(value)}\u00b0`;
  const view = explorer({
    el, name, kind: "manifold", caption,
    controls: [
      { type: "steps", name: "t", label: "iteration t", values: t, start: start.t, text: whole, place: "sliders" },
      { type: "range", name: "turn", label: "turned by (degrees)", low: -180, high: 180, step: 1, start: start.turn, text: whole, place: "sliders" },
      { type: "range", name: "tilt", label: "from above by (degrees)", low: -90, high: 90, step: 1, start: start.tilt, text: whole, place: "sliders" },
      { type: "select", name: "digit", label: "digit", options: [["all", "all"], ...hues.map((_, digit) => [String(digit), String(digit)])], start: "all", place: "sliders" },
    ],
    body: manifoldPage,
    draw: ({ one, state, colours }) => {
      shown = compute(state);
      drawCloud(one("cloud"), colours);
      drawCourse(one("course"), colours);
      one("facts").textContent = factsOf();
    },
    words: () => {
      const { state, centres } = shown;
      const kept = state.digit === "all" ? centres : centres.filter(([digit]) => String(digit) === state.digit);
      const where = kept.map(([digit, [x, y]]) => `${digit} at (${fixed(x, 2)}, ${fixed(y, 2)})`);
      return `${n} images at t = ${whole(state.t)}, turned by ${degrees(state.turn)}, seen from above by ${degrees(state.tilt)}. Centres on the screen, right and up: ${where.join(", ")}. ${factsOf()}`;
    },
    table: () => shown.seen.map(([right, up, near], k) => ({
      digit: labels[k], axis_1: shown.cloud[k][0], axis_2: shown.cloud[k][1], axis_3: shown.cloud[k][2], right, up, near,
      t: shown.state.t, turn_degrees: shown.state.turn, tilt_degrees: shown.state.tilt,
    })),
  });

  function factsOf() {
    const { state, at, ratio } = shown;
    const all = Object.entries(COURSES).map(([key, text]) => `${short(courses[key][at])} ${key === "three" ? text : `of the ${text}`}`);
    return `Between over within digits at t = ${whole(state.t)}: ${short(ratio)} as you see it, ${all.join(", ")}. `
      + `That is ${phaseOf(state.t, [paper, paper])} by the paper's boundary, t = ${whole(paper)}, and ${phaseOf(state.t, found)} by that of Fig. 2d here, t = ${whole(found[0])} to ${whole(found[1])}.`;
  }

  function drawCloud(canvas, colours) {
    const { context: g, width, height } = fitted(canvas);
    const [scale, cx, cy] = [0.45 * Math.min(width, height) / reach, width / 2, height / 2];
    const [x, y] = [(place) => cx + scale * place[0], (place) => cy - scale * place[1]];
    [0, 1, 2].forEach((axis) => {
      const end = seenFrom(shown.view, [0, 1, 2].map((k) => (k === axis ? reach : 0)));
      polyline(g, [x(end.map((value) => -value)), x(end)], [y(end.map((value) => -value)), y(end)], { colour: colours.faint, width: 1 });
      write(g, String(axis + 1), x(end), y(end), colours.soft, colours.page);
    });
    const order = shown.seen.map((_, k) => k).sort((a, b) => shown.seen[a][2] - shown.seen[b][2]);
    const chosen = (digit) => shown.state.digit === "all" || String(digit) === shown.state.digit;
    for (const k of order) {
      const near = Math.max(0, Math.min(1, (shown.seen[k][2] / reach + 1) / 2));
      g.globalAlpha = chosen(labels[k]) ? 0.45 + 0.5 * near : 0.12;
      g.fillStyle = hues[labels[k]];
      g.beginPath();
      g.arc(x(shown.seen[k]), y(shown.seen[k]), 1.2 + 1.4 * near, 0, 2 * Math.PI);
      g.fill();
    }
    g.globalAlpha = 1;
    g.font = g.font.replace("12px", "bold 15px");
    for (const [digit, place] of [...shown.centres].sort((a, b) => a[1][2] - b[1][2])) {
      if (chosen(digit)) write(g, String(digit), x(place), y(place), colours.ink, colours.page);
    }
  }

  function write(g, text, x, y, ink, page) {
    [g.textAlign, g.textBaseline, g.lineWidth, g.lineJoin] = ["center", "middle", 4, "round"];
    [g.strokeStyle, g.fillStyle] = [page, ink];
    g.strokeText(text, x, y);
    g.fillText(text, x, y);
  }

  function drawCourse(canvas, colours) {
    const { context: g, width, height } = fitted(canvas);
    const box = { left: 50, top: 34, right: width - 14, bottom: height - 38 };
    const all = Object.values(courses).flat();
    const on = (value) => Math.max(ZERO, value);
    const ticks = [ZERO, ...ticksOf(1, t.at(-1), Math.floor((box.right - box.left) / 45), true)];
    const levels = [0.1, 0.2, 0.5, 1, 2, 5, 10].filter((value) => value >= Math.min(...all) / 1.2 && value <= Math.max(...all) * 1.2);
    const { x, y } = axes(g, box, { low: ZERO, high: t.at(-1), log: true, label: "iteration t", ticks, text: (value) => (value < 1 ? "0" : powerOfTen(value)) },
      { low: Math.min(...all) / 1.2, high: Math.max(...all) * 1.2, log: true, ticks: levels, text: String }, colours);
    g.globalAlpha = 0.25;
    g.fillStyle = colours.faint;
    g.fillRect(x(found[0]), box.top, Math.max(2, x(found[1]) - x(found[0])), box.bottom - box.top);
    g.globalAlpha = 1;
    polyline(g, [x(paper), x(paper)], [box.top, box.bottom], { colour: colours.ink, dash: [4, 4], width: 1 });
    write(g, "P1", x(found[0]) - 14, box.top - 10, colours.ink, colours.page);
    write(g, "P2", x(paper) + 14, box.top - 10, colours.ink, colours.page);
    const now = x(on(shown.state.t));
    polyline(g, [now, now], [box.top, box.bottom], { colour: colours.soft, width: 1 });
    for (const [key, values] of Object.entries(courses)) {
      polyline(g, t.map((value) => x(on(value))), values.map(y), { colour: colours[HUES[key]], width: 2 });
      g.fillStyle = colours[HUES[key]];
      g.beginPath();
      g.arc(now, y(values[shown.at]), 4, 0, 2 * Math.PI);
      g.fill();
    }
  }

  const cloud = view.one("cloud");
  cloud.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    cloud.setPointerCapture(event.pointerId);
    grip = { x: event.clientX, y: event.clientY, turn: view.state.turn, tilt: view.state.tilt };
  });
  cloud.addEventListener("pointermove", (event) => {
    if (!grip) return;
    const { width, height } = cloud.getBoundingClientRect();
    view.set(dragged(grip, event.clientX - grip.x, event.clientY - grip.y, Math.min(width, height) / 2));
  });
  for (const end of ["pointerup", "pointercancel"]) cloud.addEventListener(end, () => { grip = null; });
  cloud.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!move) return;
    event.preventDefault();
    view.set(dragged(view.state, ...move.map((way) => way * STEP * Math.PI / 180), 1));
  });
  return view.dispose;
}

export default { render };
