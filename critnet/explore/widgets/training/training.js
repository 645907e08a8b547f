// The training explorer: a network of the reader's choice learns in the page, in slices of a frame.

const SLICE = 12; // milliseconds of training a frame
const STRIDE = 4; // iterations a frame of a run

function trainingBody() {
  const canvas = (part, text, extra = "") => `<figure class="ct-${part}"><figcaption>${text}</figcaption>`
    + `<canvas data-part="${part}" role="img" aria-label="${text.replace(/<[^>]*>/g, "")}; in words below"></canvas>${extra}</figure>`;
  return `<p>Correlations swell within a few batches. Do they ebb again? Press <i>run</i>; then try a learning rate of 0.1 with batches of 64, as the anchor runs of this book have.</p>
<div class="cx-controls" data-part="sliders"></div>
<div class="cx-controls cx-screen"><button type="button" data-part="step">step</button><button type="button" data-part="run">run</button></div>
<div class="ct-plots">${canvas("courses", '<span class="ct-loss">loss of a batch</span> over its largest, <span class="ct-right">test images answered right</span>, <span class="ct-strength">correlation strength</span> over its largest')}
${canvas("graph", 'Pairs of neurons with |C| above the threshold: <span class="cx-positive">positive</span>, <span class="cx-negative">negative</span>')}
${canvas("batch", "The last batch (16 of it at most) and what the network answered before it learned from it")}
${canvas("change", 'What this batch did to the input weights of one neuron: <span class="cx-positive">up</span>, <span class="cx-negative">down</span>')}</div>
<p class="cx-small" data-part="facts"></p>`;
}

function render({ model, el }) {
  const { name, caption, sizes, rates, batches: all, hidden, rate, size, iterations, ...given } = model.get("given");
  const digitsFrom = ({ mask, ink, label }) => digitsOf(bytesOf(mask), bytesOf(ink), bytesOf(label));
  const [train, test] = [digitsFrom(given.train), digitsFrom(given.test)];
  let run = null;
  let key = "";
  let running = false;

  // The run that the state asks for, as far as one slice takes it; whether it is there.
  function arrive(state) {
    const asked = { hidden: state.hidden, rate: state.rate, size: state.size, seed: state.seed };
    if (JSON.stringify(asked) !== key || state.t < run.at) {
      key = JSON.stringify(asked);
      run = trainingRun(asked, train, test);
    }
    const end = performance.now() + SLICE;
    return run.advance(state.t, () => performance.now() < end);
  }

  function facts(state) {
    const M = 2 * run.network.h + CLASSES;
    const { strength, accuracy } = run.now;
    const graph = `${percent(accuracy)} of the ${test.count} test images are answered right; the correlation strength is ${percent(strength / M ** 2)} of M\u00b2, ${percent(strength / Math.max(strength, ...run.looks.map((each) => each.strength)), 0)} of its largest so far, `
      + `and ${edgesOf(run.C, M, state.threshold)} of ${M * (M - 1) / 2} pairs have |C| of ${fixed(state.threshold, 2)} or more.`;
    if (!run.last) return `Iteration 0, before any batch: ${graph}`;
    const { loss, right, gradient } = run.last;
    return `Iteration ${run.at}: the last batch had a loss of ${short(loss)} nats and ${percent(right, 0)} right answers; norm of the gradient ${gradient.map((g) => short(g, 2)).join(", ")} in the three layers, `
      + `of the change of the weights ${gradient.map((g) => short(state.rate * g, 2)).join(", ")}. Most moved is neuron ${mostMoved(run).neuron} of the first layer. ${graph}`;
  }

  const view = explorer({
    el, name, kind: "training", caption,
    controls: [
      { type: "steps", name: "hidden", label: "neurons a layer h", values: sizes, start: hidden, place: "sliders" },
      { type: "steps", name: "rate", label: "learning rate", values: rates, start: rate, place: "sliders" },
      { type: "steps", name: "size", label: "batch size", values: all, start: size, place: "sliders" },
      { type: "steps", name: "seed", label: "seed", values: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], start: 1, place: "sliders" },
      { type: "range", name: "t", label: "iterations", low: 0, high: iterations, step: 1, start: 0, place: "sliders" },
      { type: "range", name: "threshold", label: "threshold", low: 0.3, high: 0.95, step: 0.05, start: 0.5, text: (c) => fixed(c, 2), place: "sliders" },
    ],
    body: trainingBody,
    draw: ({ one, state, colours, root }) => {
      const there = arrive(state);
      root.dataset.ready = String(there && !running);
      drawCourses(one("courses"), run, iterations, colours);
      drawGraph(one("graph"), run, state.threshold, colours);
      drawBatch(one("batch"), run, train, colours);
      drawChange(one("change"), run, colours);
      one("facts").textContent = facts(state);
      one("step").disabled = state.t >= iterations;
      if (running && there && state.t < iterations) requestAnimationFrame(() => { if (running) view.set({ t: Math.min(iterations, state.t + STRIDE) }); });
      else if (running && there) stop();
      else if (!there) requestAnimationFrame(view.soon);
    },
    words: ({ state }) => `Network ${INPUTS}-${state.hidden}-${state.hidden}-${CLASSES}, learning rate ${state.rate}, batches of ${state.size} of ${train.count} training images, seed ${state.seed}. ${facts(state)}`,
    table: ({ state }) => {
      const M = 2 * run.network.h + CLASSES;
      return run.looks.map(({ t, strength, accuracy }) => ({
        iteration: t, loss_of_batch_before_nats: t ? run.losses[t - 1] : "", test_accuracy: accuracy, correlation_strength: strength, strength_over_M2: strength / M ** 2,
        hidden: state.hidden, learning_rate: state.rate, batch_size: state.size, seed: state.seed,
      }));
    },
  });

  function stop() {
    running = false;
    view.one("run").textContent = "run";
    view.root.dataset.ready = "true";
  }
  view.one("step").addEventListener("click", () => {
    stop();
    view.set({ t: Math.min(iterations, view.state.t + 1) });
  });
  view.one("run").addEventListener("click", () => {
    if (running) {
      stop();
      view.soon();
      return;
    }
    running = true;
    view.one("run").textContent = "stop";
    view.set({ t: view.state.t >= iterations ? 0 : view.state.t });
  });
  view.root.addEventListener("input", stop);
  return () => {
    running = false;
    view.dispose();
  };
}

export default { render };
