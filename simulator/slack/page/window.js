// The window above the workspace (a modal), while the app shows one to this person.

import { el } from "../../page/dom.js";
import { drawBlocks, readForm } from "./blocks.js";
import { people, room } from "./room.js";

let shown = "";

function top() {
  return room.views.at(-1);
}

/** Shows the topmost window, or none. What is being typed stays until the app changes the window. */
export function showWindow(dialog, context) {
  const view = top();
  const state = view ? JSON.stringify([view.id, view.hash, view.errors, view.error]) : "";
  if (state === shown) return;
  const isSame = view && shown.startsWith(JSON.stringify([view.id, view.hash]).slice(0, -1));
  const typed = isSame ? readForm(dialog.querySelector("form")) : {};
  shown = state;
  if (!view) {
    dialog.close();
    return;
  }
  const press = (actionId, more) => context.act("click", { view_id: view.id, action_id: actionId, ...more });
  const send = el("button", { class: "button main" }, view.submit?.text || "Send");
  const form = el("form", {
    method: "dialog",
    onsubmit: async (event) => {
      event.preventDefault();
      send.disabled = true;
      await context.act("submit", { view_id: view.id, values: readForm(form) });
      send.disabled = false;
    },
  },
    el("h2", { id: "window-title" }, view.title.text),
    view.error ? el("p", { class: "bad", role: "alert" }, view.error) : null,
    drawBlocks(view.blocks, { ...context, press, people: people(), errors: view.errors }),
    el("div", { class: "block actions foot-of-window" },
      el("button", { type: "button", class: "button", onclick: () => close(context) }, view.close?.text || "Cancel"),
      view.submit ? send : null));
  dialog.replaceChildren(form);
  refill(form, typed);
  if (!dialog.open) dialog.showModal();
}

/** The same window with an error beside a field keeps what was typed. */
function refill(form, typed) {
  for (const input of form.elements) {
    if (!input.name?.includes("|")) continue;
    const [block, action] = input.name.split("|");
    const value = typed[block]?.[action];
    if (value === undefined) continue;
    if (input.type === "checkbox") input.checked = value.includes(input.value);
    else input.value = value;
  }
}

export function close(context) {
  const view = top();
  if (view) context.act("close", { view_id: view.id });
}
