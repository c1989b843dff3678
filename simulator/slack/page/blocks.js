// Drawing Block Kit, and reading what was filled in.

import { el } from "../../page/dom.js";
import { markup } from "./markup.js";

function words(text, context) {
  if (!text) return [];
  return text.type === "plain_text" ? [el("p", {}, text.text)] : markup(text.text, context);
}

/** What a button asks before it counts, as Slack shows it. */
function isMeant(element) {
  const { title, text } = element.confirm || {};
  return !element.confirm || window.confirm(`${title.text}\n\n${text.text}`);
}

function button(element, context) {
  const tone = element.style === "primary" ? "main" : element.style || "";
  const properties = {
    class: `button ${tone}`, "data-action": element.action_id,
    onclick: () => { if (isMeant(element)) context.press(element.action_id, {}); },
  };
  if (element.url) return el("a", { ...properties, href: element.url, target: "_blank", rel: "noopener noreferrer" }, element.text.text);
  return el("button", { ...properties, type: "button" }, element.text.text);
}

function options(element) {
  const all = element.options || (element.option_groups || []).flatMap((group) => group.options);
  return all.map((each) => el("option", { value: each.value, selected: each.value === element.initial_option?.value }, each.text.text));
}

function boxes(element, name) {
  const ticked = (each) => (element.initial_options || []).some((one) => one.value === each.value);
  return el("span", {}, element.options.map((each) =>
    el("label", { class: "box" }, el("input", { type: "checkbox", name, value: each.value, checked: ticked(each) }), each.text.text)));
}

function field(element, name, context, required = false) {
  const first = el("option", { value: "" }, element.placeholder?.text || "Choose");
  const usersOf = () => context.people.map((user) =>
    el("option", { value: user.id, selected: user.id === element.initial_user }, user.real_name));
  const typed = { name, required, maxlength: element.max_length, placeholder: element.placeholder?.text };
  switch (element.type) {
    case "users_select":
      return el("select", { name, required }, first, usersOf());
    case "static_select": case "radio_buttons":
      return el("select", { name, required }, first, options(element));
    case "checkboxes":
      return boxes(element, name);
    default:
      if (element.multiline) return el("textarea", typed, element.initial_value || "");
      return el("input", { ...typed, value: element.initial_value || "", autocomplete: "off" });
  }
}

function acting(element, context) {
  if (element.type === "button") return button(element, context);
  const select = field(element, "", context);
  select.addEventListener("change", () => {
    if (!select.value) return;
    const picked = element.type === "users_select" ? { selected_user: select.value } : { selected: select.value };
    context.press(element.action_id, picked);
  });
  select.dataset.action = element.action_id;
  select.setAttribute("aria-label", element.placeholder?.text || element.action_id);
  return select;
}

function input(block, context) {
  const wrong = context.errors?.[block.block_id];
  const name = `${block.block_id}|${block.element.action_id}`;
  return el(block.element.type === "checkboxes" ? "div" : "label", { class: "block" },
    el("span", { class: "label" }, block.label.text, block.optional ? el("span", { class: "soft" }, " (optional)") : null),
    field(block.element, name, context, !block.optional),
    block.hint ? el("span", { class: "soft small" }, block.hint.text) : null,
    wrong ? el("span", { class: "bad small", role: "alert" }, wrong) : null);
}

function draw(block, context) {
  switch (block.type) {
    case "header": return el("p", { class: "block header" }, block.text.text);
    case "divider": return el("hr");
    case "context": return el("div", { class: "block context" }, block.elements.flatMap((each) => words(each, context)));
    case "actions": return el("div", { class: "block actions" }, block.elements.map((each) => acting(each, context)));
    case "section": return el("div", { class: "block" },
      words(block.text, context),
      block.fields ? el("div", { class: "fields" }, block.fields.map((each) => el("div", {}, words(each, context)))) : null,
      block.accessory ? el("div", { class: "block actions" }, acting(block.accessory, context)) : null);
    case "input": return input(block, context);
    default: return null;
  }
}

/** Elements for blocks. `press(action_id, chosen)` is called when somebody presses or chooses. */
export function drawBlocks(blocks, context) {
  return blocks.map((block) => draw(block, context));
}

/** What was filled in: {block_id: {action_id: value}}. */
export function readForm(form) {
  const values = {};
  for (const input of form.elements) {
    if (!input.name || !input.name.includes("|")) continue;
    const [block, action] = input.name.split("|");
    values[block] ||= {};
    if (input.type === "checkbox") {
      values[block][action] ||= [];
      if (input.checked) values[block][action].push(input.value);
    } else values[block][action] = input.value;
  }
  return values;
}
