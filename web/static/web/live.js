// Keeps a screen fresh. An element says what it shows and is fetched again when that changes:
//   <section id="muster" data-live="incident:7f3…" data-refresh="/incidents/7f3…/muster">
// Without data-refresh the page's own address is fetched and the element of the same id is taken from it. An element
// with hx-get and hx-trigger="muster:changed" is left to htmx. News come by the event stream; while it can't be
// reached, everything is fetched every 5 s.
import { asksItself, attend } from "./fragments.js";
import { morph } from "./morph.js";

const POLL_MS = 5000, APART_MS = 250, PATIENCE_MS = 10_000, LONGEST_MS = 30_000, SETTLED_MS = 10_000;
const ticket = document.querySelector('meta[name="muster-stream"]')?.content;
const seen = new Map();
const waiting = new Set();
let source = null, attempts = 0, polling = null, running = false, ranAt = 0, openedAt = 0, state = "", listening = "";

const regions = () => [...document.querySelectorAll("[data-live]")];
const subjectsOf = (region) => region.dataset.live.split(/\s+/).filter(Boolean);
const subjects = () => [...new Set(regions().flatMap(subjectsOf))].sort();

function show(fresh) {
  if (fresh === state) return;
  const before = state;
  state = fresh;
  for (const mark of document.querySelectorAll("[data-live-mark]")) {
    mark.dataset.state = fresh;
    mark.textContent = mark.dataset[`word${fresh[0].toUpperCase()}${fresh.slice(1)}`];
    mark.hidden = false;
  }
  const words = document.querySelector("[data-live-mark]")?.dataset;
  const said = fresh === "offline" ? words?.wordGone : before === "offline" ? words?.wordBack : "";
  if (said) document.getElementById("announce")?.replaceChildren(said);
}

function taken(region, page) {
  const same = region.id && page.getElementById(region.id);
  return same || (region.dataset.refresh && page.body.children.length === 1 ? page.body.firstElementChild : null);
}

async function fetchAll(address, parts) {
  const answer = await fetch(address, {
    headers: { Accept: "text/html", "X-Requested-With": "live" },
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (answer.redirected && new URL(answer.url).pathname !== new URL(address, location.href).pathname) {
    // Signed out meanwhile: let the page itself lead to the sign-in.
    location.reload();
    return;
  }
  if (answer.status >= 500) throw new Error(`${address} answered ${answer.status}`);
  if (!answer.ok) return;
  const text = await answer.text();
  for (const region of parts) {
    const fresh = taken(region, new DOMParser().parseFromString(text, "text/html"));
    if (!fresh || !region.isConnected) continue;
    // What somebody is dragging stays in their hand; the news come when they let go.
    if (region.querySelector(".dragged")) waiting.add(region);
    else morph(region, fresh);
  }
}

async function run() {
  running = true;
  const parts = [...waiting].filter((region) => region.isConnected);
  waiting.clear();
  const addresses = new Map();
  for (const region of parts) {
    if (asksItself(region)) {
      window.htmx.trigger(region, "muster:changed");
      continue;
    }
    const address = region.dataset.refresh || location.pathname + location.search;
    addresses.set(address, [...(addresses.get(address) ?? []), region]);
  }
  try {
    await Promise.all([...addresses].map(([address, list]) => fetchAll(address, list)));
    show(source?.readyState === EventSource.OPEN ? "live" : "polling");
  } catch {
    show("offline");
    for (const region of parts) waiting.add(region);
    poll();
  }
  attend();
  ranAt = performance.now();
  running = false;
  if (waiting.size && state !== "offline") schedule();
  if (subjects().join() !== listening) connect();
}

function schedule() {
  if (running || schedule.timer) return;
  schedule.timer = setTimeout(() => {
    schedule.timer = null;
    run();
  }, Math.max(0, ranAt + APART_MS - performance.now()));
}

function refresh(parts) {
  for (const region of parts) waiting.add(region);
  if (parts.length) schedule();
}

function heard({ subject, version }) {
  if ((seen.get(subject) ?? 0) >= version) return;
  seen.set(subject, version);
  refresh(regions().filter((region) => subjectsOf(region).includes(subject)));
}

function poll() {
  polling ??= setInterval(() => {
    if (!document.hidden) refresh(regions());
  }, POLL_MS);
}

function opened() {
  openedAt = performance.now();
  clearInterval(polling);
  polling = null;
  show("live");
  // What changed while nobody listened, the moments since the page was written included.
  refresh(regions());
}

function lost() {
  source?.close();
  source = null;
  // A stream that closes as soon as it opens (a proxy's doing) must not be asked again and again.
  if (openedAt && performance.now() - openedAt > SETTLED_MS) attempts = 0;
  openedAt = 0;
  if (attempts > 0) {
    if (state !== "offline") show("polling");
    poll();
  }
  // The first loss is usually the stream's planned end: come back at once. Later ones wait, each a little differently.
  const pause = attempts ? Math.min(LONGEST_MS, 1000 * 2 ** attempts) : 200;
  attempts += 1;
  clearTimeout(lost.timer);
  lost.timer = setTimeout(connect, pause * (0.5 + Math.random()));
}

async function connect() {
  clearTimeout(lost.timer);
  source?.close();
  source = null;
  const wanted = subjects();
  listening = wanted.join();
  if (!ticket || !wanted.length) return;
  try {
    const query = wanted.map((subject) => `subject=${encodeURIComponent(subject)}`).join("&");
    const answer = await fetch(`${ticket}?${query}`, {
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const stream = new EventSource((await answer.json()).url);
    source = stream;
    stream.addEventListener("open", opened);
    stream.addEventListener("message", (event) => heard(JSON.parse(event.data)));
    stream.addEventListener("error", () => stream === source && lost());
  } catch {
    lost();
  }
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && performance.now() - ranAt > POLL_MS) refresh(regions());
});
window.addEventListener("online", () => (attempts = 0, connect()));
window.addEventListener("offline", () => show("offline"));
window.addEventListener("pagehide", () => source?.close());
window.addEventListener("pageshow", (event) => event.persisted && connect());

attend();
if (ticket && regions().length) connect();
else for (const mark of document.querySelectorAll("[data-live-mark]")) mark.hidden = true;
