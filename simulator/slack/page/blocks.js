// Drawing Block Kit, and reading what was filled in. Text always goes in as text, never as markup.

import { el, linked } from "../../page/dom.js";

const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };

/** mrkdwn as words: links as they read, mentions by name, bold and italic as they are. */
function words(text, context) {
  if (!text) return [];
  if (text.type === "plain_text") return [text.text];
  const shown = text.text
    .replace(/<@([UW][A-Z0-9]+)>/g, (_all, id) => `@${context.nameOf(id)}`)
    .replace(/<#([CG][A-Z0-9]+)(?:\|([^>]*))?>/g, (_all, id, name) => `#${name || id}`)
    .replace(/<(https?:[^|>]+)\|([^>]+)>/g, (_all, url, name) => `${name} ${url} `)
    .replace(/<(https?:[^>]+)>/g, (_all, url) => `${url} `)
    .replace(/&amp;|&lt;|&gt;/g, (entity) => ENTITIES[entity]);
  return linked(shown);
}

function paragraph(text, context) {
  return el("p", {}, words(text, context));
}

function button(element, context) {
  const tone = element.style === "primary" ? "main" : element.style || "";
  if (element.url) {
    return el("a", { class: `button ${tone}`, href: element.url, target: "_blank", rel: "noopener noreferrer", onclick: () => context.press(element.action_id, {}) }, element.text.text);
  }
  return el("button", { type: "button", class: `button ${tone}`, onclick: () => context.press(element.action_id, {}) }, element.text.text);
}

function options(element) {
  const all = element.options || (element.option_groups || []).flatMap((group) => group.options);
  return all.map((each) => el("option", { value: each.value, selected: each.value === element.initial_option?.value }, each.text.text));
}

function field(element, name, context) {
  const first = (word) => el("option", { value: "" }, word);
  const usersOf = () => context.people.filter((user) => !user.is_bot)
    .map((user) => el("option", { value: user.id, selected: user.id === element.initial_user }, user.real_name));
  switch (element.type) {
    case "plain_text_input":
      if (element.multiline) return el("textarea", { name }, element.initial_value || "");
      return el("input", { name, value: element.initial_value || "", placeholder: element.placeholder?.text });
    case "users_select":
      return el("select", { name }, first("–"), usersOf());
    case "static_select": case "radio_buttons":
      return el("select", { name }, first("–"), options(element));
    case "checkboxes":
      return el("span", {}, element.options.map((each) => el("label", {},
        el("input", { type: "checkbox", name, value: each.value, checked: (element.initial_options || []).some((one) => one.value === each.value) }), " ", each.text.text)));
    default:
      return el("input", { name, value: element.initial_value || "" });
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
  select.setAttribute("aria-label", element.placeholder?.text || element.action_id);
  return select;
}

function draw(block, context) {
  switch (block.type) {
    case "header": return el("div", { class: "block header" }, block.text.text);
    case "divider": return el("hr");
    case "context": return el("div", { class: "block context" }, block.elements.map((each) => paragraph(each, context)));
    case "actions": return el("div", { class: "block actions" }, block.elements.map((each) => acting(each, context)));
    case "section": return el("div", { class: "block" },
      block.text ? paragraph(block.text, context) : null,
      block.fields ? el("div", { class: "block fields" }, block.fields.map((each) => paragraph(each, context))) : null,
      block.accessory ? el("div", { class: "block actions" }, acting(block.accessory, context)) : null);
    case "input": {
      const wrong = context.errors?.[block.block_id];
      const group = block.element.type === "checkboxes" ? "div" : "label";
      return el(group, { class: "block" }, el("span", {}, block.label.text, block.optional ? " (optional)" : ""),
        field(block.element, `${block.block_id}|${block.element.action_id}`, context),
        block.hint ? el("span", { class: "soft small" }, block.hint.text) : null,
        wrong ? el("span", { class: "bad small", role: "alert" }, wrong) : null);
    }
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
