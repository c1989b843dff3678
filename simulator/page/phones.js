// The rack: which phones stand on it, in which order, and what belongs to each.

import { Handset } from "./handset.js";
import { nameOf, state, titleOf } from "./wire.js";

const MOST_PHONES = 60;
const handsets = new Map();

export function isLive(call) {
  return call.state === "ringing" || call.state === "in-progress" || call.state === "queued";
}

/** Every number with its calls, texts and refusals, oldest first: people with a name as they were named, then the
 * others as they first came. The order never changes under a finger. */
function numbers() {
  const phones = new Map();
  const phone = (number) => {
    if (!phones.has(number)) phones.set(number, { number, calls: [], messages: [], refusals: [] });
    return phones.get(number);
  };
  for (const key of Object.keys(state.contacts)) if (key.startsWith("+") && key !== state.number) phone(key);
  const byArrival = (kind) => [...state[kind].values()].sort((a, b) => (a.received_at < b.received_at ? -1 : 1));
  for (const call of byArrival("calls")) phone(call.person).calls.push(call);
  for (const message of byArrival("messages")) phone(message.person).messages.push(message);
  for (const request of byArrival("requests")) {
    if (request.state === "refused" || request.state === "disconnected") phone(request.to || "+").refusals.push(request);
  }
  phones.delete("+");
  return [...phones.values()];
}

function matches(phone, wanted) {
  const words = `${nameOf(phone.number)} ${titleOf(phone.number)} ${phone.number}`.toLowerCase();
  return words.includes(wanted.trim().toLowerCase());
}

export function showPhones(rack, wanted) {
  const found = numbers().filter((phone) => matches(phone, wanted));
  const live = found.filter((phone) => phone.calls.some(isLive));
  const shown = new Set([...live, ...found].slice(0, MOST_PHONES));
  const ordered = found.filter((phone) => shown.has(phone));
  document.getElementById("phones-empty").hidden = found.length > 0;
  const more = document.getElementById("more");
  more.hidden = ordered.length === found.length;
  more.textContent = `${found.length - ordered.length} more phones: find them by name or number.`;
  for (const [number, handset] of handsets) {
    if (!ordered.some((phone) => phone.number === number)) {
      handset.element.remove();
      handsets.delete(number);
    }
  }
  ordered.forEach((phone, place) => {
    if (!handsets.has(phone.number)) handsets.set(phone.number, new Handset(phone.number));
    const handset = handsets.get(phone.number);
    if (rack.children[place] !== handset.element) rack.insertBefore(handset.element, rack.children[place] || null);
    handset.show(phone);
  });
}

/** Brings one phone before the eyes. */
export function reveal(number) {
  const handset = handsets.get(number);
  if (handset) handset.reveal();
}

export function tick() {
  for (const handset of handsets.values()) handset.tick();
}
