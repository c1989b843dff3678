// The two views, the bar of ringing phones, and the page's own state.

import { chip, el, icon } from "./dom.js";
import { showMail } from "./mailbox.js";
import { isLive, reveal, showPhones, tick } from "./phones.js";
import { connect, nameOf, onChange, send, state } from "./wire.js";

const $ = (id) => document.getElementById(id);
const rangBefore = new Set();
let pending = false;

function view() {
  return location.hash.startsWith("#mail") ? "mail" : "phones";
}

function showView() {
  for (const name of ["phones", "mail"]) $(name).hidden = view() !== name;
  for (const link of document.querySelectorAll("[data-view]")) {
    if (link.dataset.view === view()) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  draw();
}

function showCount(id, number) {
  $(id).hidden = number === 0;
  $(id).textContent = number > 999 ? "999+" : number;
}

function showRinging() {
  const ringing = [...state.calls.values()].filter((call) => call.state === "ringing" && call.direction !== "inbound")
    .sort((a, b) => (a.received_at < b.received_at ? -1 : 1));
  $("ringing").hidden = ringing.length === 0;
  $("ringing").replaceChildren(
    icon("phone"),
    el("strong", {}, ringing.length === 1 ? "1 phone rings" : `${ringing.length} phones ring`),
    ...ringing.slice(0, 12).map((call) =>
      el("button", { class: "who", type: "button", onclick: () => { location.hash = "#phones"; reveal(call.person); } }, nameOf(call.person))),
  );
  document.title = ringing.length ? `(${ringing.length}) ringing: Phones and mail` : "Phones and mail";
  const fresh = ringing.filter((call) => !rangBefore.has(call.sid));
  if (fresh.length) $("announce").textContent = `${fresh.map((call) => nameOf(call.person)).join(", ")}: the phone rings`;
  rangBefore.clear();
  for (const call of ringing) rangBefore.add(call.sid);
}

/** The numbers that people can call, offered where one is typed. */
function showLines() {
  const lines = [[state.number, "Muster: the bridges"], ...Object.entries(state.lines).map(([number, line]) => [number, line.name])];
  const known = JSON.stringify(lines);
  if ($("lines").dataset.known === known) return;
  $("lines").dataset.known = known;
  $("lines").replaceChildren(...lines.map(([number, name]) => el("option", { value: number }, name)));
}

function draw() {
  if (pending) return;
  pending = true;
  requestAnimationFrame(() => {
    pending = false;
    $("link").replaceWith(Object.assign(
      state.connected ? chip("ok", "Live", "check") : chip("watch", "Connecting", "late"), { id: "link", role: "status" }));
    showRinging();
    showLines();
    $("product").hidden = !state.app;
    $("product").href = state.app;
    showCount("phones-count", [...state.calls.values()].filter(isLive).length);
    showCount("mail-count", state.mail.size);
    if (view() === "phones") showPhones($("rack"), $("find").value);
    else showMail($("find-mail").value);
  });
}

$("find").addEventListener("input", draw);
$("find-mail").addEventListener("input", draw);
$("clear-phones").addEventListener("click", async () => {
  await Promise.all([send("DELETE", "calls"), send("DELETE", "messages"), send("DELETE", "requests")]);
});
$("clear-mail").addEventListener("click", () => send("DELETE", "mail"));
addEventListener("hashchange", showView);
setInterval(tick, 250);
onChange(draw);
showView();
connect();
