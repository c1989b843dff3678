// One person's screen of the workspace: where they are, what they read, type and press.

import { el } from "../../page/dom.js";
import { drawBlocks } from "./blocks.js";
import { linkedLine } from "./markup.js";
import { forgetDrawn, showMessages } from "./messages.js";
import { act, becomeUser, channelHere, channelNameOf, goTo, look, markRead, me, nameOf, people, room, unread } from "./room.js";
import { close, showWindow } from "./window.js";

const at = (id) => document.getElementById(id);
const context = { nameOf, channelNameOf, go: open, act: attempt };

async function attempt(path, body) {
  at("trouble").textContent = "";
  try {
    await act(path, body);
  } catch (error) {
    at("trouble").textContent = error.message;
  }
}

function drawPeople() {
  const known = people().map((user) => user.id + user.real_name).join();
  const select = at("who");
  if (select.dataset.known !== known) {
    select.dataset.known = known;
    select.replaceChildren(...people().map((user) =>
      el("option", { value: user.id }, [user.real_name, user.profile.title].filter(Boolean).join(", "))));
  }
  if (!people().some((user) => user.id === me.user) && people().length) become(people()[0].id);
  select.value = me.user;
}

function nameOfChannel(channel) {
  return channel.is_im ? "Messages" : `${channel.is_private ? "🔒" : "#"} ${channel.name}`;
}

function place(id, name, count, isHere) {
  const words = count ? `${name}, ${count} unread` : name;
  return el("button", { type: "button", "aria-current": isHere ? "page" : undefined, "aria-label": words, onclick: () => open(id) },
    el("span", { class: "grow" }, name), count ? el("span", { class: "count" }, String(count)) : null);
}

function drawPlaces() {
  const shown = room.channels.filter((channel) => !channel.is_archived && !channel.is_im);
  if (me.place !== "home" && !channelHere()) goTo(me.place === "app" ? "home" : shown[0]?.id || "home");
  const here = channelHere();
  const direct = room.channels.find((channel) => channel.is_im);
  const places = [
    el("h2", { class: "soft small" }, "Channels"),
    ...shown.map((channel) => place(channel.id, nameOfChannel(channel), unread(channel.id), channel === here)),
    el("h2", { class: "soft small" }, "Muster"),
    place("home", "Home", 0, me.place === "home"),
    direct ? place("app", "Messages", unread(direct.id), direct.id === here?.id) : null,
  ].filter(Boolean);
  const state = JSON.stringify(places.map((each) => [each.textContent, each.getAttribute("aria-current")]));
  if (at("channels").dataset.state === state) return;
  at("channels").dataset.state = state;
  const focused = [...at("channels").children].indexOf(document.activeElement);
  at("channels").replaceChildren(...places);
  if (focused >= 0) at("channels").children[focused]?.focus();
}

function drawHeader(channel) {
  at("channel-name").textContent = channel ? (channel.is_im ? "Muster: messages" : nameOfChannel(channel)) : "Muster: home";
  at("topic").replaceChildren(...linkedLine(channel?.topic?.value || ""));
  const members = (channel?.is_im ? [] : channel?.members || []).filter((id) => id !== room.bot);
  at("members").hidden = members.length === 0;
  at("members-count").textContent = members.length === 1 ? "1 person" : `${members.length} people`;
  at("members-names").textContent = members.map(nameOf).join(", ");
}

function drawHome() {
  const list = at("messages");
  const state = JSON.stringify([me.user, room.home]);
  if (list.dataset.home === state) return;
  forgetDrawn(list);
  list.dataset.home = state;
  const press = (actionId, more) => attempt("click", { view_id: room.home.id, action_id: actionId, ...more });
  list.replaceChildren(el("li", { class: "home" }, room.home
    ? drawBlocks(room.home.blocks, { ...context, press, people: people() })
    : el("p", { class: "soft" }, "Muster is asked for it…")));
}

function drawHere() {
  const channel = channelHere();
  drawHeader(channel);
  at("write").hidden = !channel;
  if (!channel) {
    drawHome();
    return;
  }
  delete at("messages").dataset.home;
  if (document.visibilityState === "visible") markRead(channel.id);
  showMessages(at("messages"), channel, room.messages.filter((each) => each.channel === channel.id), context);
}

function drawLink(word, tone) {
  at("link").className = `state ${tone}`;
  if (at("link").textContent !== word) at("link").textContent = word;
}

function draw() {
  drawPeople();
  drawHere();
  drawPlaces();
  showWindow(at("window"), context);
  if (room.app) at("product").href = room.app;
  at("product").hidden = !room.app;
}

/** Goes to a channel (and into it, where it is open to all), to the app's messages or to its Home tab. */
async function open(id) {
  goTo(id);
  if (id === "home") attempt("home", {});
  else if (id !== "app" && !channelHere()) {
    await attempt("join", { channel: id });
    await look(false);
    goTo(id);
  }
  draw();
}

async function become(id) {
  becomeUser(id);
  forgetDrawn(at("messages"));
  if (await look(false)) draw();
  if (me.place === "home") attempt("home", {});
}

function escaped(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

/** What was typed as Slack sends it: escaped, people and channels by their ids. */
function sent(text) {
  const named = people().flatMap((user) => [[user.real_name, user], [user.name, user]])
    .sort(([one], [other]) => other.length - one.length);
  return escaped(text).replace(/@([\p{L}][^@]*)/gu, (all, after) => {
    const found = named.find(([name]) => after.toLowerCase().startsWith(name.toLowerCase()) && !/^[\p{L}\p{N}]/u.test(after.slice(name.length)));
    return found ? `<@${found[1].id}|${found[1].name}>${after.slice(found[0].length)}` : all;
  });
}

at("who").addEventListener("change", (event) => become(event.target.value));
at("window").addEventListener("cancel", (event) => {
  event.preventDefault();
  close(context);
});
at("write").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = at("text").value.trim();
  const channel = channelHere();
  at("text").value = "";
  const command = text.match(/^(\/[a-z]+)\s*([^]*)$/);
  if (command) attempt("commands", { channel: channel.id, command: command[1], text: sent(command[2]) });
  else if (text) attempt("say", { channel: channel.id, text: sent(text) });
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("visibilitychange", draw);

async function keepLooking() {
  for (;;) {
    try {
      if (await look(room.seq !== undefined && me.user !== "")) draw();
      drawLink(room.sockets ? "Connected, by socket" : "Connected", "ok");
    } catch {
      drawLink("No connection", "bad");
      await new Promise((resolve) => { setTimeout(resolve, 1000); });
    }
  }
}

keepLooking();
