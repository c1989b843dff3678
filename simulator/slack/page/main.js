// One person's screen of the workspace, kept up to date by a long poll, and what they do.

import { el } from "../../page/dom.js";
import { drawBlocks, readForm } from "./blocks.js";

const at = (id) => document.getElementById(id);
const chosen = { user: sessionStorage.getItem("who") || "", channel: "" };
let seen = { users: [], channels: [], messages: [], views: [], home: null, bot: "" };
let shownWindow = "";

async function ask(method, path, body) {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  const response = await fetch(`../api/slack/${path}`, { method, headers, body: body && JSON.stringify(body) });
  const answer = response.status === 204 ? {} : await response.json();
  if (!response.ok) throw new Error(answer.error || `The simulator answered ${response.status}.`);
  return answer;
}

async function act(path, body) {
  at("trouble").textContent = "";
  try {
    const told = await ask("POST", path, { user: chosen.user, ...body });
    if (told.error) at("trouble").textContent = `The app did not answer well: ${told.error}.`;
  } catch (error) {
    at("trouble").textContent = error.message;
  }
}

function nameOf(id) {
  return seen.users.find((user) => user.id === id)?.real_name || id;
}

function channelName(channel) {
  return channel.is_im ? "Muster" : `${channel.is_private ? "🔒" : "#"} ${channel.name}`;
}

function drawPeople() {
  const people = seen.users.filter((user) => !user.is_bot);
  const known = people.map((user) => user.id).join();
  const select = at("who");
  if (select.dataset.known === known) return;
  select.dataset.known = known;
  select.replaceChildren(...people.map((user) => el("option", { value: user.id }, user.real_name)));
  if (!people.some((user) => user.id === chosen.user)) chosen.user = people[0]?.id || "";
  select.value = chosen.user;
}

function drawChannels() {
  const shown = seen.channels.filter((channel) => !channel.is_archived);
  if (chosen.channel !== "home" && !shown.some((each) => each.id === chosen.channel)) chosen.channel = shown[0]?.id || "";
  const button = (id, name) => el("button", {
    type: "button", "aria-current": String(id === chosen.channel),
    onclick: () => { chosen.channel = id; if (id === "home") act("home", {}); draw(); },
  }, name);
  at("channels").replaceChildren(button("home", "Muster: home"), ...shown.map((each) => button(each.id, channelName(each))));
}

function drawMessage(message, channel) {
  const press = (actionId, more) => act("click", { channel: message.channel, ts: message.ts, action_id: actionId, ...more });
  const marks = (message.reactions || []).map((each) => `:${each.name}: ${each.count}`).join("  ");
  const body = message.blocks?.length ? drawBlocks(message.blocks, { press, nameOf, people: seen.users }) : [el("p", {}, message.text)];
  return el("li", { class: message.only_for ? "only" : "" },
    el("p", { class: "small" }, el("strong", {}, nameOf(message.user)), " ",
      el("span", { class: "soft" }, new Date(Number(message.ts) * 1000).toLocaleTimeString([], { hourCycle: "h23" }),
        message.edited ? ", edited" : "", message.only_for ? ", only you see this" : "", channel?.pins?.includes(message.ts) ? ", pinned" : "")),
    body, marks ? el("p", { class: "react soft" }, marks) : null,
    message.only_for ? null : el("p", {},
      el("button", { type: "button", class: "button small-button", onclick: () => act("react", { channel: message.channel, ts: message.ts, name: "pushpin" }) }, "📌 Pin reaction"), " ",
      el("button", { type: "button", class: "button small-button", onclick: () => act("shortcut", { channel: message.channel, ts: message.ts, callback_id: "declare_from_message" }) }, "Declare from this message"), " ",
      el("button", { type: "button", class: "button small-button", onclick: () => act("shortcut", { channel: message.channel, ts: message.ts, callback_id: "add_to_timeline" }) }, "Add to timeline")));
}

function drawChannel() {
  const channel = seen.channels.find((each) => each.id === chosen.channel);
  const isHome = chosen.channel === "home";
  at("channel-name").textContent = isHome ? "Muster: home" : channel ? channelName(channel) : "";
  at("topic").textContent = channel?.topic?.value || "";
  at("write").hidden = isHome;
  const list = at("messages");
  const wasAtEnd = list.scrollTop + list.clientHeight >= list.scrollHeight - 40;
  if (isHome) {
    const press = (actionId, more) => act("click", { view_id: seen.home.id, action_id: actionId, ...more });
    list.replaceChildren(el("li", {}, seen.home ? drawBlocks(seen.home.blocks, { press, nameOf, people: seen.users }) : "Nothing yet."));
    return;
  }
  list.replaceChildren(...seen.messages.filter((each) => each.channel === chosen.channel).map((each) => drawMessage(each, channel)));
  if (wasAtEnd) list.scrollTop = list.scrollHeight;
}

function drawWindow() {
  const dialog = at("window");
  const view = seen.views[seen.views.length - 1];
  const state = view ? `${view.id} ${view.hash} ${JSON.stringify(view.errors)} ${view.error}` : "";
  if (state === shownWindow) return; // what is being typed stays
  shownWindow = state;
  if (!view) {
    dialog.close();
    return;
  }
  const press = (actionId, more) => act("click", { view_id: view.id, action_id: actionId, ...more });
  const close = () => act("close", { view_id: view.id });
  const form = el("form", { method: "dialog", onsubmit: (event) => { event.preventDefault(); act("submit", { view_id: view.id, values: readForm(form) }); } },
    el("h2", { id: "window-title" }, view.title.text),
    view.error ? el("p", { class: "bad", role: "alert" }, view.error) : null,
    drawBlocks(view.blocks, { press, nameOf, people: seen.users, errors: view.errors }),
    el("div", { class: "block actions" },
      el("button", { type: "button", class: "button", onclick: close }, view.close?.text || "Cancel"),
      view.submit ? el("button", { class: "button main" }, view.submit.text) : null));
  dialog.replaceChildren(form);
  if (!dialog.open) dialog.showModal();
}

function draw() {
  drawPeople();
  drawChannels();
  drawChannel();
  drawWindow();
}

at("who").addEventListener("change", (event) => {
  chosen.user = event.target.value;
  sessionStorage.setItem("who", chosen.user);
  look(false);
});
at("window").addEventListener("cancel", (event) => {
  event.preventDefault();
  const view = seen.views[seen.views.length - 1];
  if (view) act("close", { view_id: view.id });
});
at("write").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = at("text").value.trim();
  at("text").value = "";
  const command = text.match(/^(\/[a-z]+)\s*([^]*)$/);
  if (command) act("commands", { channel: chosen.channel, command: command[1], text: command[2] });
  else if (text) act("say", { channel: chosen.channel, text });
});

async function look(wait) {
  const query = new URLSearchParams({ user: chosen.user });
  if (wait) query.set("after", seen.seq);
  seen = await ask("GET", `state?${query}`);
  draw();
}

async function keepLooking() {
  for (;;) {
    try {
      const asked = chosen.user;
      await look(seen.seq !== undefined && asked !== "");
      at("link").className = "state ok";
      at("link").textContent = seen.sockets ? "Connected, by socket" : "Connected";
    } catch {
      at("link").className = "state bad";
      at("link").textContent = "No connection";
      await new Promise((resolve) => { setTimeout(resolve, 1000); });
    }
  }
}

keepLooking();
