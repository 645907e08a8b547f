// How a verdict follows from numbers, as critnet.paper.rules and critnet.paper.tolerance have it; a test holds the two
// together. A margin is [name, dark, pale], each region [low, high, strict] with null for a bound that is not there;
// other rules are {all: [...]} or {both: [...]}. Numbers are {name: [value, low, high]}, null for none.
const critnetRules = (() => {
  "use strict";
  const [GOOD, PARTLY, NOT, UNDECIDED, UNTESTABLE] = ["reproduced", "partly", "not reproduced", "undecided", "not testable"];

  const ends = ([low, high]) => [low ?? -Infinity, high ?? Infinity];

  function holds(region, [, from, to]) {
    const [low, high] = ends(region);
    if (region[2]) return (low < from || low === -Infinity) && (to < high || high === Infinity);
    return low <= from && to <= high;
  }

  function misses(region, [, from, to]) {
    const [low, high] = ends(region);
    return region[2] ? to <= low || from >= high : to < low || from > high;
  }

  function margin([name, dark, pale], numbers) {
    const number = numbers[name];
    if (!number || number.some((x) => !Number.isFinite(x))) return UNTESTABLE;
    if (holds(dark, number)) return GOOD;
    if (holds(pale, number)) return PARTLY;
    return misses(pale, number) ? NOT : UNDECIDED;
  }

  function judge(rule, numbers) {
    if (Array.isArray(rule)) return margin(rule, numbers);
    const found = (rule.all ?? rule.both).map((part) => judge(part, numbers));
    if (rule.all) return [NOT, UNTESTABLE, UNDECIDED, PARTLY, GOOD].find((v) => found.includes(v));
    if (found.every((v) => v === GOOD)) return GOOD;
    if (found.includes(GOOD) || found.includes(PARTLY)) return PARTLY;
    return [UNDECIDED, UNTESTABLE, NOT].find((v) => found.includes(v));
  }

  // The margins of a rule, in their order.
  const parts = (rule) => (Array.isArray(rule) ? [rule] : (rule.all ?? rule.both).flatMap(parts));

  // The rule with its margins changed: change(margin, k) gives the new one.
  function changed(rule, change) {
    let k = 0;
    const walk = (one) => {
      if (Array.isArray(one)) return change(one, k++);
      return one.all ? { all: one.all.map(walk) } : { both: one.both.map(walk) };
    };
    return walk(rule);
  }

  function oneEnd(bound, factor) {
    if (bound === null || bound === 0 || bound === 1) return bound;
    if (bound < 0) return -oneEnd(-bound, 1 / factor);
    if (bound > 1) return 1 + factor * (bound - 1);
    const odds = factor * bound / (1 - bound);
    return odds / (1 + odds);
  }

  // The rule with all its margins so many times as wide.
  function scaled(rule, factor) {
    return changed(rule, ([name, dark, pale]) => {
      const middle = dark[0] !== null && dark[1] !== null ? (dark[0] + dark[1]) / 2 : null;
      const region = ([low, high, strict]) => (middle !== null && low !== null && high !== null
        ? [middle + factor * (low - middle), middle + factor * (high - middle), strict]
        : [oneEnd(low, 1 / factor), oneEnd(high, factor), strict]);
      const inner = region(dark), outer = region(pale); // a bound of 0 stays, whatever is wider
      if (inner[0] !== null && outer[0] !== null) inner[0] = Math.max(inner[0], outer[0]);
      if (inner[1] !== null && outer[1] !== null) inner[1] = Math.min(inner[1], outer[1]);
      return [name, inner, outer];
    });
  }

  return { judge, parts, changed, scaled };
})();
