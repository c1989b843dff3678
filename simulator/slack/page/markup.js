// Slack's mrkdwn as elements: what somebody wrote always goes in as text, never as HTML.

import { el, linked } from "../../page/dom.js";

const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };
const EMOJI = { pushpin: "📌", warning: "⚠️", white_check_mark: "✅", rotating_light: "🚨", eyes: "👀", "+1": "👍", telephone_receiver: "📞" };
const PIECE = /<(?<token>[^<>]+)>|`(?<code>[^`\n]+)`|(?<![\p{L}\p{N}*])\*(?<bold>[^*\n]+)\*(?![\p{L}\p{N}*])|(?<![\p{L}\p{N}_])_(?<italic>[^_\n]+)_(?![\p{L}\p{N}_])|(?<![\p{L}\p{N}~])~(?<struck>[^~\n]+)~(?![\p{L}\p{N}~])|:(?<emoji>[a-z0-9_+-]+):/gu;
const QUOTED = /^(?:&gt;|>) ?/;

function unescaped(text) {
  return text.replace(/&amp;|&lt;|&gt;/g, (entity) => ENTITIES[entity]);
}

/** An emoji by its name, or the name between colons as it was written. */
export function emoji(name) {
  return EMOJI[name] || `:${name}:`;
}

function day(at, style) {
  const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate());
  const away = Math.round((midnight(at) - midnight(new Date())) / 86_400_000);
  const near = { "-1": "yesterday", 0: "today", 1: "tomorrow" }[away];
  return style.endsWith("pretty") && near ? near : at.toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });
}

/** `<!date^seconds^format^link|otherwise>`: the moment as this reader's clock shows it. */
function moment(token) {
  const [, seconds, format] = token.split("|")[0].split("^");
  const at = new Date(Number(seconds) * 1000);
  const clock = (second) => at.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", second, hourCycle: "h23" });
  const words = format
    .replace(/\{time_secs\}/g, () => clock("2-digit"))
    .replace(/\{time\}/g, () => clock(undefined))
    .replace(/\{(date[a-z_]*)\}/g, (_all, style) => day(at, style));
  return el("time", { datetime: at.toISOString() }, words);
}

function token(text, context) {
  const [target, label] = [text.split("|")[0], text.split("|").slice(1).join("|")];
  if (text.startsWith("!date^")) return moment(text);
  if (text.startsWith("!")) return el("span", { class: "mention" }, `@${label || target.slice(1)}`);
  if (text.startsWith("@")) return el("span", { class: "mention" }, `@${context.nameOf(target.slice(1))}`);
  if (text.startsWith("#")) {
    const id = target.slice(1);
    return el("button", { type: "button", class: "mention", onclick: () => context.go(id) }, `#${context.channelNameOf(id) || label || id}`);
  }
  if (!/^(https?:|mailto:)/.test(target)) return `<${text}>`;
  return el("a", { href: unescaped(target), target: "_blank", rel: "noopener noreferrer" }, unescaped(label || target));
}

function inline(text, context) {
  const pieces = [];
  let from = 0;
  for (const match of text.matchAll(PIECE)) {
    pieces.push(...linked(unescaped(text.slice(from, match.index))));
    const { token: inBrackets, code, bold, italic, struck, emoji: name } = match.groups;
    if (inBrackets) pieces.push(token(inBrackets, context));
    else if (code) pieces.push(el("code", {}, unescaped(code)));
    else if (bold) pieces.push(el("strong", {}, inline(bold, context)));
    else if (italic) pieces.push(el("em", {}, inline(italic, context)));
    else if (struck) pieces.push(el("s", {}, inline(struck, context)));
    else pieces.push(emoji(name));
    from = match.index + match[0].length;
  }
  pieces.push(...linked(unescaped(text.slice(from))));
  return pieces;
}

/** Paragraphs and quotations of a mrkdwn text. `context`: `nameOf`, `channelNameOf`, and `go` to a channel. */
export function markup(text, context) {
  const parts = [];
  for (const line of text.split("\n")) {
    const quoted = QUOTED.test(line);
    const last = parts.at(-1);
    if (last && last.quoted === quoted) last.lines.push(line.replace(quoted ? QUOTED : /^/, ""));
    else parts.push({ quoted, lines: [line.replace(quoted ? QUOTED : /^/, "")] });
  }
  return parts.map(({ quoted, lines }) => el(quoted ? "blockquote" : "p", {}, inline(lines.join("\n"), context)));
}

/** One line of plain text as Slack sends it (a topic), its addresses as links. */
export function linkedLine(text) {
  return linked(unescaped(text));
}
