// One phone: it rings, talks, takes keys, and shows its texts.

import { behaviourField } from "./behaviour.js";
import { chip, el, icon, initials, time } from "./dom.js";
import { company, history, words } from "./history.js";
import { nameOf, send, state, titleOf } from "./wire.js";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

export class Handset {
  constructor(number) {
    this.number = number;
    this.call = null;
    this.drawn = "";
    this.face = el("span", { class: "face" });
    this.name = el("strong", { class: "name" });
    this.under = el("span", { class: "soft small" });
    this.mood = el("span", {});
    this.heading = el("button", { class: "heading", type: "button", "aria-expanded": "false", onclick: () => this.toggle() },
      this.face, el("span", { class: "grow" }, this.name, this.under), this.mood);
    this.error = el("p", { class: "error small", role: "alert", hidden: true });
    this.past = el("div", { class: "past", tabindex: "0" });
    this.element = el("article", { class: "phone" }, el("h2", { class: "top" }, this.heading),
      el("div", { class: "inside" }, this.error, this.ringPanel(), this.sides(), this.talkPanel(), this.past, this.foot()));
  }

  /** Who talks can read and write texts meanwhile. */
  sides() {
    this.toCall = el("button", { class: "button small-button", type: "button", onclick: () => this.showTexts(false) }, "Call");
    this.toTexts = el("button", { class: "button small-button", type: "button", onclick: () => this.showTexts(true) }, "Texts");
    this.showTexts(false);
    return el("div", { class: "sides" }, this.toCall, this.toTexts);
  }

  showTexts(wanted) {
    this.element?.classList.toggle("shows-texts", wanted);
    this.toCall.setAttribute("aria-pressed", String(!wanted));
    this.toTexts.setAttribute("aria-pressed", String(wanted));
    if (wanted) this.past.scrollTop = this.past.scrollHeight;
  }

  ringPanel() {
    this.caller = el("p", { class: "soft small" });
    this.left = el("progress", { max: "1", value: "0", "aria-label": "Time until it stops ringing" });
    this.leftWords = el("p", { class: "soft small num" });
    this.ring = el("div", { class: "ring", hidden: true },
      el("div", { class: "bell" }, icon("phone")),
      el("p", { class: "big" }, "Incoming call"), this.caller, this.left, this.leftWords,
      el("button", { class: "button main huge", type: "button", onclick: () => this.act("answer", { live: true }) }, icon("phone"), "Answer"),
      el("div", { class: "choices" },
        el("button", { class: "button", type: "button", onclick: () => this.act("voicemail") }, "Voicemail"),
        el("button", { class: "button", type: "button", onclick: () => this.act("busy") }, "Busy"),
        el("button", { class: "button", type: "button", onclick: () => this.act("ignore") }, "Ignore")));
    return this.ring;
  }

  talkPanel() {
    this.heard = el("div", { class: "heard", tabindex: "0", "aria-live": "polite", "aria-label": "What is said" });
    this.asks = el("p", { class: "asks small" });
    this.pad = el("div", { class: "pad", role: "group", "aria-label": "Keypad" }, KEYS.map((key) =>
      el("button", { class: "key", type: "button", onclick: () => this.press(key) }, key)));
    this.words = el("input", { type: "text", autocomplete: "off", maxlength: "500", placeholder: "Say" });
    this.saying = el("form", { class: "reply", hidden: true, onsubmit: (event) => this.say(event) }, this.words,
      el("button", { class: "button main square", type: "submit", "aria-label": "Say it" }, icon("send")));
    this.talk = el("div", { class: "talk", hidden: true }, this.heard, this.asks, this.saying, this.pad,
      el("button", { class: "button bad-button", type: "button", onclick: () => this.act("hang-up") }, icon("down"), "Hang up"));
    this.talk.addEventListener("keydown", (event) => {
      if (event.target !== this.words && KEYS.includes(event.key) && !event.ctrlKey && !event.metaKey) this.press(event.key);
    });
    return this.talk;
  }

  foot() {
    this.text = el("input", { type: "text", autocomplete: "off", maxlength: "1600", placeholder: "Text back" });
    this.reply = el("form", { class: "reply", onsubmit: (event) => this.write(event) }, this.text,
      el("button", { class: "button main square", type: "submit", "aria-label": "Send" }, icon("send")));
    this.behaviour = behaviourField(this.number, (error) => this.explain(error));
    this.called = el("input", { type: "tel", autocomplete: "off", size: "14", list: "lines", placeholder: "Number" });
    this.dial = el("button", { class: "button", type: "button", onclick: () => this.callIn() }, icon("phone"), "Call in");
    return el("div", { class: "foot" }, this.reply, el("div", { class: "reply" }, this.called, this.dial), this.behaviour.element);
  }

  show(phone) {
    const name = nameOf(this.number);
    this.name.textContent = name;
    this.under.textContent = name === this.number ? "No name given" : titleOf(this.number) || this.number;
    this.face.textContent = name === this.number ? this.number.slice(-2) : initials(name);
    this.element.setAttribute("aria-label", `Phone of ${name}`);
    this.text.setAttribute("aria-label", `Text from ${name}`);
    this.words.setAttribute("aria-label", `${name} says`);
    this.called.setAttribute("aria-label", `Number that ${name} calls`);
    this.call = phone.calls.findLast((call) => call.state === "in-progress" && call.on_the_line)
      || phone.calls.findLast((call) => call.state === "ringing" && call.direction !== "inbound") || null;
    this.showMood(phone);
    this.showCall();
    this.behaviour.show(state.script[this.number]);
    const drawn = JSON.stringify([phone.calls, phone.messages, phone.refusals].map((list) => list.map((item) => item.seq)));
    if (drawn !== this.drawn) {
      const atEnd = this.past.scrollTop + this.past.clientHeight >= this.past.scrollHeight - 40;
      this.past.replaceChildren(el("p", { class: "soft small num own-number" }, this.number), ...history(phone));
      this.past.setAttribute("aria-label", `What ${name} got`);
      if (atEnd || !this.drawn) this.past.scrollTop = this.past.scrollHeight;
      this.drawn = drawn;
    }
  }

  showMood(phone) {
    const live = this.call?.state;
    const last = [...phone.calls, ...phone.messages].sort((a, b) => (a.received_at < b.received_at ? -1 : 1)).at(-1);
    let mood = chip("quiet", "Quiet");
    if (live === "ringing") mood = chip("watch", "Rings", "phone");
    else if (live) mood = chip("calm", "Talks", "phone");
    else if (last) mood = el("span", { class: "soft small num" }, time(last.received_at));
    this.mood.replaceChildren(mood);
    this.element.classList.toggle("is-ringing", live === "ringing");
    this.element.classList.toggle("is-talking", live === "in-progress");
    if (live && !this.wasLive) this.open(true);
    if (live !== "in-progress") this.showTexts(false);
    this.wasLive = Boolean(live);
  }

  showCall() {
    const call = this.call;
    const hadFocus = this.ring.contains(document.activeElement);
    this.ring.hidden = call?.state !== "ringing";
    this.talk.hidden = call?.state !== "in-progress";
    this.dial.disabled = Boolean(call);
    if (!call) return;
    this.caller.textContent = `from ${nameOf(call.service)}`;
    if (this.talk.hidden) return;
    if (hadFocus) this.pad.firstElementChild.focus();
    const said = `${call.sid} ${call.heard.length}`;
    if (said !== this.said) {
      this.said = said;
      this.heard.replaceChildren(...words(call));
      this.heard.scrollTop = this.heard.scrollHeight;
    }
    this.asks.textContent = call.waits_for_digits ? "It waits for a key." : company(call) || "Listening…";
    this.saying.hidden = !call.is_heard;
    this.talk.classList.toggle("waits", call.waits_for_digits);
  }

  tick() {
    if (!this.call?.rings_until || this.ring.hidden) return;
    const all = new Date(this.call.rings_until) - new Date(this.call.received_at);
    const left = Math.max(0, new Date(this.call.rings_until) - Date.now());
    this.left.value = left / all;
    this.leftWords.textContent = `${Math.ceil(left / 1000)} s until it stops`;
  }

  act(verb, body = {}) {
    return this.attempt(send("POST", `calls/${this.call.sid}/${verb}`, body));
  }

  press(key) {
    return this.attempt(send("POST", `calls/${this.call.sid}/press`, { digits: key }));
  }

  callIn() {
    return this.attempt(send("POST", "calls", { from: this.number, to: this.called.value.trim() || state.number, live: true }));
  }

  async say(event) {
    event.preventDefault();
    const text = this.words.value.trim();
    if (!text) return;
    this.words.value = "";
    await this.attempt(send("POST", `calls/${this.call.sid}/say`, { text }));
  }

  async write(event) {
    event.preventDefault();
    const body = this.text.value.trim();
    if (!body) return;
    this.text.value = "";
    const last = [...state.messages.values()].filter((message) => message.person === this.number)
      .sort((a, b) => (a.received_at < b.received_at ? -1 : 1)).at(-1);
    const answer = await this.attempt(
      send("POST", "inbound-messages", { from: this.number, to: last?.service || state.number, body }));
    if (answer && !(answer.status >= 200 && answer.status < 300)) {
      this.explain(new Error(answer.status ? `The other side answered ${answer.status}.` : "The other side didn't answer."));
    }
  }

  async attempt(request) {
    this.explain(null);
    try {
      return await request;
    } catch (error) {
      this.explain(error);
      return null;
    }
  }

  explain(error) {
    this.error.hidden = !error;
    this.error.textContent = error ? error.message : "";
  }

  open(wanted) {
    this.element.classList.toggle("is-open", wanted);
    this.heading.setAttribute("aria-expanded", String(wanted));
    if (wanted) this.past.scrollTop = this.past.scrollHeight;
  }

  toggle() {
    this.open(!this.element.classList.contains("is-open"));
  }

  reveal() {
    this.open(true);
    this.element.scrollIntoView({ block: "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    (this.ring.hidden ? this.heading : this.ring.querySelector("button")).focus({ preventScroll: true });
  }
}
