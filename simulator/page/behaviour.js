// What a number does by itself, chosen from the usual ones; anything else comes by the API.

import { el } from "./dom.js";
import { send } from "./wire.js";

const USUAL = [
  ["You answer", null],
  ["Answers, presses 1", { answer: "1", delay_s: 3 }],
  ["Answers, presses nothing", { answer: true, delay_s: 3 }],
  ["Voicemail picks up", { voicemail: true, delay_s: 4 }],
  ["Is busy", { busy: true }],
  ["Lets it ring", { no_answer: true }],
  ["Phone is off", { failed: 480, undelivered: 30003 }],
  ["Provider refuses (503)", { http: 503 }],
  ["Provider hangs (10 s)", { hang_s: 10 }],
];

function same(a, b) {
  const sorted = (value) => JSON.stringify(Object.entries(value || {}).sort());
  return sorted(a) === sorted(b);
}

/** A select with `element` and `show(behaviour)`. */
export function behaviourField(number, explain) {
  const other = el("option", { value: "other", hidden: true }, "As scripted");
  const select = el("select", {
    onchange: async () => {
      const [, behaviour] = USUAL[Number(select.value)];
      try {
        await send("PUT", "script", { [number]: behaviour });
      } catch (error) {
        explain(error);
      }
    },
  }, USUAL.map(([word], at) => el("option", { value: at }, word)), other);
  const element = el("label", { class: "habit" }, el("span", { class: "unseen" }, "When reached"), select);
  return {
    element,
    show(behaviour) {
      const at = USUAL.findIndex(([, usual]) => same(usual, behaviour));
      other.hidden = at >= 0;
      other.title = at >= 0 ? "" : JSON.stringify(behaviour);
      if (document.activeElement !== select) select.value = at >= 0 ? String(at) : "other";
    },
  };
}
