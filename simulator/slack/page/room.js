// What one person sees of the workspace, kept up to date by a long poll, and the requests that their hands make.

import { initials } from "../../page/dom.js";

export const room = { users: [], channels: [], open: {}, messages: [], views: [], home: null, bot: "", sockets: 0, app: "" };
export const me = { user: sessionStorage.getItem("who") || "", place: sessionStorage.getItem("place") || "" };
const read = JSON.parse(sessionStorage.getItem("read") || "{}");

async function ask(method, path, body) {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  const response = await fetch(`../api/slack/${path}`, { method, headers, body: body && JSON.stringify(body) });
  const answer = response.status === 204 ? {} : await response.json();
  if (!response.ok) throw new Error(answer.error || `The simulator answered ${response.status}.`);
  return answer;
}

/** Does something as the person who is chosen. Throws an Error with a sentence when the app does not answer well. */
export async function act(path, body) {
  const told = await ask("POST", path, { user: me.user, ...body });
  if (told.error) throw new Error(`Muster did not answer well: ${told.error}.`);
}

/** Reads what stands there now; with `wait` returns when it is newer. False when somebody else was chosen meanwhile. */
export async function look(wait) {
  const asked = me.user;
  const query = new URLSearchParams({ user: asked });
  if (wait) query.set("after", room.seq);
  const found = await ask("GET", `state?${query}`);
  if (asked !== me.user) return false;
  Object.assign(room, found);
  return true;
}

export function people() {
  return room.users.filter((user) => !user.is_bot);
}

export function nameOf(id) {
  return room.users.find((user) => user.id === id)?.real_name || id;
}

export function faceOf(id) {
  return initials(nameOf(id));
}

export function channelNameOf(id) {
  return room.channels.find((each) => each.id === id)?.name || room.open[id] || "";
}

/** Where one is: a channel, "app" (the app's direct messages) or "home" (its Home tab). */
export function channelHere() {
  if (me.place === "home") return null;
  return room.channels.find((each) => (me.place === "app" ? each.is_im : each.id === me.place)) || null;
}

export function goTo(place) {
  me.place = place;
  sessionStorage.setItem("place", place);
}

export function becomeUser(id) {
  me.user = id;
  sessionStorage.setItem("who", id);
}

function seenKey(channel) {
  return `${me.user} ${channel}`;
}

export function unread(channel) {
  const until = read[seenKey(channel)] || "";
  return room.messages.filter((each) => each.channel === channel && each.user !== me.user && each.ts > until).length;
}

export function markRead(channel) {
  const last = room.messages.filter((each) => each.channel === channel).at(-1)?.ts;
  if (!last || read[seenKey(channel)] === last) return;
  read[seenKey(channel)] = last;
  sessionStorage.setItem("read", JSON.stringify(read));
}
