// All that the customers' page does by script: times in the reader's own zone, a word when the page is stale, keys and
// hints on the strips, and a filter for the list of servers. Without it nothing is missing.
const page = document.documentElement;
// British English puts the day before the month, as our texts do.
const language = page.lang === "en" ? "en-GB" : page.lang;
const STALE_MS = 5 * 60 * 1000;

const forms = {
  moment: { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" },
  clock: { hour: "2-digit", minute: "2-digit", timeZoneName: "short" },
};

function tellTimes() {
  const tell = Object.fromEntries(Object.entries(forms).map(([name, form]) => [name, new Intl.DateTimeFormat(language, form)]));
  for (const time of document.querySelectorAll("time[data-as]")) {
    time.title = time.textContent;
    time.textContent = tell[time.dataset.as].format(new Date(time.dateTime));
  }
  const zone = document.getElementById("zone");
  zone.textContent = zone.dataset.text.replace("{zone}", Intl.DateTimeFormat().resolvedOptions().timeZone);
}

function warnIfStale(generatedAt) {
  const stale = document.getElementById("stale");
  const look = () => {
    stale.hidden = Date.now() - generatedAt <= STALE_MS;
    if (!stale.hidden && !stale.textContent) {
      const since = new Intl.DateTimeFormat(language, forms.moment).format(generatedAt);
      stale.textContent = stale.dataset.text.replace("{time}", since);
    }
  };
  look();
  setInterval(look, 15000);
}

async function tellAge() {
  if ("live" in page.dataset) {
    warnIfStale(new Date(document.querySelector('meta[name="generated-at"]').content));
    return;
  }
  try {
    const answer = await fetch(page.dataset.generation, { cache: "no-store" });
    warnIfStale(new Date((await answer.json()).generated_at));
  } catch {
    // A copy without its generation beside it: history does not become wrong by age.
  }
}

class Strip {
  constructor(box) {
    this.box = box;
    this.days = Number(box.dataset.days);
    this.at = this.days - 1;
    this.words = new Map([...box.querySelectorAll("rect[data-at]")].map((bar) => {
      const title = bar.querySelector("title");
      title.remove();
      return [Number(bar.dataset.at), title.textContent];
    }));
    this.date = new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "UTC" });
    box.tabIndex = 0;
    box.setAttribute("role", "slider");
    box.setAttribute("aria-valuemin", "1");
    box.setAttribute("aria-valuemax", String(this.days));
    this.tell();
    box.addEventListener("keydown", (event) => this.press(event));
    box.addEventListener("focus", () => this.show());
    box.addEventListener("blur", () => this.hide());
    box.addEventListener("pointermove", (event) => this.point(event));
    box.addEventListener("pointerdown", (event) => this.point(event));
    box.addEventListener("pointerleave", () => document.activeElement === box ? this.show() : this.hide());
  }

  said(day) {
    const date = new Date(`${this.box.dataset.from}T00:00:00Z`);
    date.setUTCDate(date.getUTCDate() + day);
    const quiet = day < Number(this.box.dataset.before) ? this.texts().before : this.texts().quiet;
    return this.words.get(day) ?? `${this.date.format(date)}: ${quiet}`;
  }

  texts() {
    return document.getElementById("strip-texts").dataset;
  }

  tell() {
    this.box.setAttribute("aria-valuenow", String(this.at + 1));
    this.box.setAttribute("aria-valuetext", this.said(this.at));
  }

  press(event) {
    const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -7, PageUp: 7, Home: -this.days, End: this.days };
    if (!(event.key in steps)) {
      if (event.key === "Escape") this.hide();
      return;
    }
    event.preventDefault();
    this.move(this.at + steps[event.key]);
  }

  point(event) {
    const { left, width } = this.box.getBoundingClientRect();
    this.move(Math.floor(((event.clientX - left) / width) * this.days));
  }

  move(day) {
    this.at = Math.min(Math.max(day, 0), this.days - 1);
    this.tell();
    this.show();
  }

  show() {
    this.bubble ??= this.box.appendChild(Object.assign(document.createElement("div"), { className: "bubble", ariaHidden: "true" }));
    this.needle ??= this.box.appendChild(Object.assign(document.createElement("div"), { className: "needle" }));
    this.bubble.hidden = this.needle.hidden = false;
    this.bubble.textContent = this.said(this.at);
    const { width } = this.box.getBoundingClientRect();
    const day = width / this.days;
    this.needle.style.left = `${this.at * day - 2}px`;
    this.needle.style.width = `${day + 3}px`;
    const half = this.bubble.offsetWidth / 2;
    this.bubble.style.left = `${Math.min(Math.max((this.at + 0.5) * day - half, 0), width - 2 * half)}px`;
  }

  hide() {
    if (this.bubble) this.bubble.hidden = this.needle.hidden = true;
  }
}

function filterServers(field) {
  const list = document.getElementById("servers");
  field.closest("[hidden]").hidden = false;
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLowerCase();
    for (const row of list.children) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  });
}

if ("framed" in page.dataset) {
  setTimeout(() => location.reload(), 60000);
} else {
  tellTimes();
  tellAge();
}
for (const box of document.querySelectorAll(".strip")) new Strip(box);
const field = document.getElementById("server-filter");
if (field) filterServers(field);
