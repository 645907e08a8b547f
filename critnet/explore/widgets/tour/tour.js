// A step of the tour: guess, move the one control, read the answer.

const DRAW = { neuron: drawNeuron, pair: drawPair, graph: drawGraph, sizes: drawSizes, clock: drawClock, verdict: drawVerdict };
const UNTOLD = "The answer comes with your first move.";

// The longest of some texts, unseen, so that what is told has its room.
const room = (texts) => `<p class="ct-room" aria-hidden="true">${safe(texts.reduce((long, text) => (text.length > long.length ? text : long), ""))}</p>`;

function render({ model, el }) {
  const { name, caption, kind, question, control, label, values, facts, answers, data, start } = model.get("given");
  const worded = typeof values[0] === "string";
  const one = worded
    ? { type: "radio", name: control, label, place: "ask", options: values.map((value) => [value, value]), start: values[start] }
    : { type: "steps", name: control, label, place: "ask", values, start: values[start], text: whole };
  const place = (state) => values.indexOf(worded ? state[control] : Number(state[control]));
  const view = explorer({
    el, name, kind: "tour", caption, controls: [one, { type: "text", name: "told", label: "answer", start: "no", fits: (text) => ["yes", "no"].includes(text) }],
    body: () => `<p class="ct-question">${safe(question)}</p><div class="cx-controls" data-part="ask"></div><canvas data-part="picture" role="img" aria-label="The picture of this step; in words below"></canvas>
<div class="ct-facts"><p data-part="facts"></p>${room(facts)}</div>
<div class="ct-answer" data-part="told-answer"><p data-part="answer"></p>${room(answers)}</div>`,
    draw: ({ root, one: part, state, colours }) => {
      root.dataset.step = kind;
      const k = place(state);
      if (k !== start) state.told = "yes"; // and stays so, until the reader resets the step
      const shown = state.told === "yes" || Boolean(root.dataset.printing);
      DRAW[kind](part("picture"), data, { k, values, told: shown, colours });
      part("facts").textContent = facts[k];
      part("answer").textContent = shown ? answers[k] : UNTOLD;
      part("told-answer").dataset.told = shown;
    },
    words: ({ state }) => `${question} ${facts[place(state)]}${state.told === "yes" ? ` ${answers[place(state)]}` : ""}`,
    table: () => values.map((value, k) => ({ [control]: value, shown: facts[k], answer: answers[k] })),
  });
  return view.dispose;
}

export default { render };
