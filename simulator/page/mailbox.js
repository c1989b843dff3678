// The mailbox: what was sent to anybody. A mail's own HTML is shown in a sandbox without scripts.

import { el, icon, initials, linked, time } from "./dom.js";
import { nameOf, state, titleOf } from "./wire.js";

const MOST = 200;
const $ = (id) => document.getElementById(id);
let open = "";
let shape = "";
let drawn = "";

export function showMail(wanted) {
  const sought = wanted.trim().toLowerCase();
  const mails = [...state.mail.values()].sort((a, b) => (a.received_at < b.received_at ? 1 : -1)).filter((mail) =>
    `${mail.to} ${nameOf(mail.to)} ${mail.from} ${mail.subject} ${mail.text}`.toLowerCase().includes(sought)).slice(0, MOST);
  $("mail-empty").hidden = mails.length > 0;
  $("desk").hidden = mails.length === 0;
  const chosen = state.mail.get(location.hash.split("/")[1]);
  $("desk").classList.toggle("is-reading", Boolean(chosen));
  const seen = `${mails.map((mail) => mail.sid).join()} ${chosen?.sid} ${JSON.stringify(state.contacts)}`;
  if (seen !== drawn) {
    drawn = seen;
    $("letters").replaceChildren(...mails.map((mail) => letter(mail, mail === chosen)));
  }
  read(chosen);
}

function person(address) {
  const name = nameOf(address);
  return name === address ? address : [name, titleOf(address)].filter(Boolean).join(", ");
}

function letter(mail, current) {
  return el("li", {}, el("a", { href: `#mail/${mail.sid}`, class: "letter", "aria-current": current ? "true" : null },
    el("span", { class: "face" }, initials(nameOf(mail.to).split("@")[0])),
    el("span", { class: "grow" },
      el("span", { class: "split" }, el("strong", { class: "name" }, person(mail.to)), el("span", { class: "soft small num end" }, time(mail.received_at))),
      el("span", { class: "subject" }, mail.subject || "(no subject)"),
      el("span", { class: "soft small snippet" }, mail.text.slice(0, 140)))));
}

function read(mail) {
  const pane = $("reading");
  if (!mail) {
    open = "";
    pane.replaceChildren(el("p", { class: "soft none" }, "Choose a mail to read it."));
    return;
  }
  if (open === mail.sid) return;
  open = mail.sid;
  shape = mail.html ? "html" : "text";
  drawMail(pane, mail);
  if (matchMedia("(max-width: 52rem)").matches) {
    pane.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
}

function drawMail(pane, mail) {
  const shapes = [mail.html ? ["html", "As designed"] : null, ["text", "Text"], ["headers", "Headers"]].filter(Boolean);
  pane.replaceChildren(
    el("a", { class: "button back", href: "#mail" }, icon("back"), "All mail"),
    el("h2", {}, mail.subject || "(no subject)"),
    el("dl", { class: "facts small" },
      el("dt", {}, "To"), el("dd", {}, mail.to === nameOf(mail.to) ? mail.to : `${person(mail.to)} · ${mail.to}`),
      el("dt", {}, "From"), el("dd", {}, mail.from), el("dt", {}, "Came"), el("dd", {}, time(mail.received_at))),
    el("div", { class: "shapes", role: "group", "aria-label": "Show" }, shapes.map(([name, word]) =>
      el("button", { class: "button small-button", type: "button", "aria-pressed": String(name === shape),
        onclick: () => { shape = name; drawMail(pane, mail); } }, word)),
      el("a", { class: "button small-button", href: `api/mail/${mail.sid}/raw`, target: "_blank" }, "Source")),
    body(mail),
  );
}

function body(mail) {
  if (shape === "html") {
    return el("iframe", { class: "paper", sandbox: "allow-popups allow-popups-to-escape-sandbox",
      src: `api/mail/${mail.sid}/html`, title: `Mail: ${mail.subject}`, referrerpolicy: "no-referrer" });
  }
  if (shape === "headers") {
    return el("dl", { class: "facts small headers" }, mail.headers.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]).flat());
  }
  return el("div", { class: "plain" }, linked(mail.text));
}
