// The messages of one channel. Only those that changed are drawn anew, so that nothing moves under a finger.

import { el } from "../../page/dom.js";
import { drawBlocks } from "./blocks.js";
import { emoji, markup } from "./markup.js";
import { faceOf, me, nameOf, people } from "./room.js";

const drawn = new Map();

function clock(ts) {
  return new Date(Number(ts) * 1000).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
}

function notes(message, isPinned) {
  return [message.only_for ? "only you see this" : "", message.edited ? "edited" : "", isPinned ? "📌 pinned" : ""]
    .filter(Boolean).map((note) => el("span", { class: "note" }, note));
}

function reactions(message, context) {
  const all = (message.reactions || []).filter((each) => each.count);
  if (!all.length) return null;
  return el("p", { class: "reactions" }, all.map((each) => {
    const mine = each.users.includes(me.user);
    return el("button", {
      type: "button", class: "reaction", "aria-pressed": String(mine), title: each.users.map(nameOf).join(", "), "aria-label": `${each.name}, ${each.count}`,
      onclick: () => context.act("react", { channel: message.channel, ts: message.ts, name: each.name, remove: mine }),
    }, `${emoji(each.name)} ${each.count}`);
  }));
}

function menu(message, context) {
  const of = { channel: message.channel, ts: message.ts };
  const entry = (words, path, more) => el("button", {
    type: "button", class: "entry",
    onclick: (event) => { event.currentTarget.closest("details").open = false; context.act(path, { ...of, ...more }); },
  }, words);
  return el("details", { class: "menu" },
    el("summary", { "aria-label": `More about the message of ${clock(message.ts)}`, title: "More" }, "⋯"),
    el("div", { class: "entries" },
      entry("📌 Pin reaction", "react", { name: "pushpin" }),
      entry("Add to timeline", "shortcut", { callback_id: "add_to_timeline" }),
      entry("Declare from this message", "shortcut", { callback_id: "declare_from_message" })));
}

function drawMessage(message, isPinned, context) {
  const press = (actionId, more) => context.act("click", { channel: message.channel, ts: message.ts, action_id: actionId, ...more });
  const body = message.blocks?.length
    ? drawBlocks(message.blocks, { ...context, press, people: people() })
    : el("div", { class: "block" }, markup(message.text, context));
  return el("li", { class: `message ${message.only_for ? "only" : ""}` },
    el("span", { class: `face ${message.bot_id ? "app" : ""}`, "aria-hidden": "true" }, message.bot_id ? "M" : faceOf(message.user)),
    el("div", { class: "said" },
      el("p", { class: "by" }, el("strong", {}, nameOf(message.user)), message.bot_id ? el("span", { class: "tag" }, "APP") : null,
        el("time", { class: "soft small num" }, clock(message.ts)), notes(message, isPinned)),
      body, reactions(message, context)),
    message.only_for ? null : menu(message, context));
}

/** Brings the list to what stands in the channel; stays at its end if it was there. */
export function showMessages(list, channel, messages, context) {
  const wasAtEnd = list.dataset.channel !== channel.id || list.scrollTop + list.clientHeight >= list.scrollHeight - 60;
  if (list.dataset.channel !== channel.id) drawn.clear();
  list.dataset.channel = channel.id;
  const elements = messages.map((message) => {
    const pinned = channel.pins.includes(message.ts);
    const state = JSON.stringify([message, pinned, me.user, nameOf(message.user)]);
    const known = drawn.get(message.ts);
    if (known?.state === state) return known.element;
    const focused = known?.element.contains(document.activeElement) ? document.activeElement.dataset.action : undefined;
    const element = drawMessage(message, pinned, context);
    drawn.set(message.ts, { state, element, focused });
    return element;
  });
  if (!elements.length) elements.push(el("li", { class: "none soft" }, "Nothing was written here yet."));
  if (elements.length !== list.children.length || elements.some((each, at) => each !== list.children[at])) list.replaceChildren(...elements);
  for (const known of drawn.values()) {
    if (known.focused) known.element.querySelector(`[data-action="${CSS.escape(known.focused)}"]`)?.focus({ preventScroll: true });
    known.focused = undefined;
  }
  // A last message that is taller than the window is read from its beginning.
  if (wasAtEnd) list.scrollTop = Math.min(list.scrollHeight, elements.at(-1).offsetTop - list.offsetTop);
}

/** Forgets what was drawn, because the list shows something else now. */
export function forgetDrawn(list) {
  drawn.clear();
  delete list.dataset.channel;
}
