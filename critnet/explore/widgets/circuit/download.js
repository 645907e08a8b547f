// The download of the circuit explorer: what each digit gets, and the edges that act.

const COLUMNS = ["row", "sub_graph", "edges_changed", "outputs", "image", "asked", "neuron_held", "held_at", "digit", "logit", "probability",
  "recall", "false_positive_rate", "called_asked", "free_logit", "free_called_asked", "full_logit", "full_probability", "full_recall",
  "full_false_positive_rate", "full_called_asked", "layer", "source", "target", "weight"];

// settings: columns of every row; `called` and `fullCalled`: images of each digit that get the answer asked for.
function circuitRows({ net, at, now, labels, fullClasses, called, freeCalled, fullCalled, settings, edges }) {
  const empty = Object.fromEntries(COLUMNS.map((column) => [column, ""]));
  const number = (value) => (Number.isFinite(value) ? value : "");
  const digits = [...now.logits.keys()].map((T) => {
    const [part, all] = [scoreOf(at.predicted, labels, T), scoreOf(fullClasses, labels, T)];
    return {
      ...empty, ...settings, row: "digit", digit: T, logit: number(now.logits[T]), probability: number(now.probabilities[T]),
      recall: part.recall, false_positive_rate: part.falsePositives, called_asked: called[T],
      free_logit: number(now.freeLogits[T]), free_called_asked: freeCalled[T], full_logit: number(now.fullLogits[T]),
      full_probability: number(now.fullProbabilities[T]), full_recall: all.recall, full_false_positive_rate: all.falsePositives,
      full_called_asked: fullCalled[T],
    };
  });
  return [...digits, ...edges.map((edge) => ({
    ...empty, ...settings, row: isKept(net, at.mask, edge) ? "edge" : "kept as coded", layer: edge[0], source: edge[1], target: edge[2],
    weight: weightOf(net, edge),
  }))];
}
