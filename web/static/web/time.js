// Keeps written times fresh: "4 min ago", clocks running up and down. The rule and the words are the server's
// (web/moments.py), so nothing jumps when this script takes a time over.

const words = JSON.parse(document.getElementById("time-words").textContent);
const MINUTE = 60, HOUR = 3600, DAY = 86400, RELATIVE_FOR = 7 * DAY, JUST_NOW = 10;

const write = (pattern, values) => words[pattern].replace(/\{(\w+)\}/g, (_, name) => values[name]);
const two = (number) => String(number).padStart(2, "0");

function clock(seconds) {
  seconds = Math.max(0, Math.trunc(seconds));
  if (seconds >= DAY) return write("d_h", { d: Math.trunc(seconds / DAY), h: Math.trunc((seconds % DAY) / HOUR) });
  const [h, m, s] = [Math.trunc(seconds / HOUR), Math.trunc((seconds % HOUR) / MINUTE), seconds % MINUTE];
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

function relative(between) {
  const seconds = Math.trunc(Math.abs(between));
  if (seconds >= RELATIVE_FOR) return null;
  if (seconds < JUST_NOW) return words.now;
  const [size, unit] =
    seconds < MINUTE ? [1, "s"] : seconds < HOUR ? [MINUTE, "min"] : seconds < DAY ? [HOUR, "h"] : [DAY, "d"];
  return write(between > 0 ? `in_${unit}` : `${unit}_ago`, { n: Math.trunc(seconds / size) });
}

function text(element, now) {
  const between = (Date.parse(element.dateTime) - now) / 1000;
  switch (element.dataset.time) {
    case "up":
      return clock(-between);
    case "down":
      element.classList.toggle("over", between <= 0);
      return between > 0 ? clock(between) : write("late", { clock: clock(-between) });
    default:
      return relative(between);
  }
}

function tick() {
  const now = Date.now();
  for (const element of document.querySelectorAll("time[data-time]")) {
    const fresh = text(element, now);
    // Writing only what changed keeps selections and screen readers undisturbed.
    if (fresh !== null && fresh !== element.textContent) element.textContent = fresh;
  }
  setTimeout(tick, 1000 - (Date.now() % 1000));
}

tick();
