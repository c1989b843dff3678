// What a phone got: texts as bubbles, calls and refusals as lines between them.

import { chip, el, icon, linked, time } from "./dom.js";
import { nameOf, state } from "./wire.js";

const MOST = 60;
const ENDED = {
  completed: ["ok", "Answered", "check"],
  busy: ["watch", "Busy", "phone"],
  "no-answer": ["watch", "Not answered", "phone"],
  failed: ["bad", "Failed", "late"],
  canceled: ["quiet", "Given up", "phone"],
  queued: ["calm", "Dialling", "phone"],
  ringing: ["watch", "Ringing", "phone"],
  "in-progress": ["calm", "On the line", "phone"],
};
const CONFERENCE = /^\[joins (.+)\]$/;
const WORDS = {
  digits: (text) => `Pressed ${text}`,
  own: (text) => `You: ${text}`,
  dial: (text) => (CONFERENCE.test(text) ? "Joined the conference." : `It rings: ${(text.match(/\+\d+/g) || [text]).map(nameOf).join(", ")}`),
};
const TROUBLE = new Set(["undelivered", "failed", "canceled"]);

/** Everything of one phone, oldest first. */
export function history(phone) {
  const items = [
    ...phone.calls.map((call) => [call.received_at, () => callLine(call)]),
    ...phone.messages.map((message) => [message.received_at, () => bubble(message)]),
    ...phone.refusals.map((request) => [request.received_at, () => refusal(request)]),
  ].sort((a, b) => (a[0] < b[0] ? -1 : 1)).slice(-MOST);
  if (!items.length) return [el("p", { class: "soft small none" }, "No calls, no texts.")];
  return items.map(([, draw]) => draw());
}

/** What was said and pressed on a call. */
export function words(call) {
  return call.heard.map((spoken) =>
    el("p", { class: `spoken ${spoken.kind}` }, WORDS[spoken.kind] ? WORDS[spoken.kind](spoken.text) : spoken.text));
}

function conferenceOf(call) {
  if (call.state !== "in-progress" || !call.is_heard) return "";
  return call.heard.findLast((spoken) => spoken.kind === "dial" && CONFERENCE.test(spoken.text))?.text || "";
}

/** Who is in a conference with this call, in words; blank outside of one. */
export function company(call) {
  const conference = conferenceOf(call);
  if (!conference) return "";
  const others = [...state.calls.values()].filter((other) => other.sid !== call.sid && conferenceOf(other) === conference);
  return others.length ? `On the line with ${others.map((other) => nameOf(other.person)).join(", ")}` : "On the line, alone so far";
}

function callLine(call) {
  let [tone, word, symbol] = ENDED[call.state];
  if (call.voicemail) [tone, word, symbol] = ["quiet", "Voicemail", "tape"];
  if (call.direction === "inbound") word = call.state === "completed" ? "Called in" : `Called in: ${word.toLowerCase()}`;
  if (call.pressed.length) word += `, pressed ${call.pressed.join(", ")}`;
  const head = [chip(tone, word, symbol), el("span", { class: "soft small num end" }, time(call.received_at))];
  if (!call.heard.length) return el("div", { class: "event" }, head);
  return el("details", { class: "event" }, el("summary", {}, head),
    el("div", { class: "script" }, words(call), call.warnings.map((warning) => el("p", { class: "soft small" }, warning))));
}

function bubble(message) {
  const own = message.direction === "inbound";
  const failed = TROUBLE.has(message.state);
  const note = failed ? [icon("late"), ` ${message.state} ${message.error_code || ""}`] : own ? [] : [` ${message.state}`];
  return el("div", { class: `bubble ${own ? "own" : ""} ${failed ? "lost" : ""}` },
    el("p", {}, linked(message.body)),
    el("p", { class: "small meta" }, time(message.received_at), " ", note));
}

function refusal(request) {
  const what = request.kind === "call" ? "Call" : "Text";
  const why = [request.status, request.code].filter(Boolean).join(" · ");
  const word = request.state === "disconnected" ? `${what}: cut off` : `${what} refused ${why}`;
  return el("div", { class: "event" }, chip("bad", word, "late"),
    el("span", { class: "soft small num end" }, time(request.received_at)));
}
