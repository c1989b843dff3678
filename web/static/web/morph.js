// Makes a part of the page equal to a fresher one from the server, touching only what differs, so that focus,
// scroll, open details and sheets, selections and typed text stay where they are.

// What belongs to the reader, not to the server.
const OURS = new Set(["open", "aria-busy", "data-sent", "data-word"]);

function attributes(old, fresh) {
  // A button that is being held down stays so, for the eye too.
  if (old.classList.contains("holding")) fresh.classList.add("holding");
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !OURS.has(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && !OURS.has(name)) old.setAttribute(name, value);
  }
}

const matches = (old, fresh) => old.nodeName === fresh.nodeName && (old.id ?? "") === (fresh.id ?? "");

function children(old, fresh) {
  const kept = new Map([...old.children].filter((child) => child.id).map((child) => [child.id, child]));
  const wanted = new Set([...fresh.children].map((child) => child.id).filter(Boolean));
  let next = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    while (next?.id && !wanted.has(next.id)) {
      const gone = next;
      next = next.nextSibling;
      gone.remove();
    }
    const same = kept.get(child.id);
    if (same && same !== next && matches(same, child)) {
      old.insertBefore(same, next);
      morph(same, child);
    } else if (next && matches(next, child)) {
      const current = next;
      next = next.nextSibling;
      morph(current, child);
    } else {
      old.insertBefore(child, next);
    }
  }
  while (next) {
    const gone = next;
    next = next.nextSibling;
    gone.remove();
  }
}

/** Turn `old` (in the page) into `fresh` (parsed from an answer; its nodes are taken over). */
export function morph(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== Node.ELEMENT_NODE) {
    old.nodeValue = fresh.nodeValue;
    return;
  }
  if (old.nodeName !== fresh.nodeName) {
    old.replaceWith(fresh);
    return;
  }
  attributes(old, fresh);
  // A button that asks "press again" goes on asking; the word it comes back to is the fresh one.
  if (old.dataset?.word) {
    old.dataset.word = fresh.textContent;
    return;
  }
  // A text area's child is only its default; writing it would wipe what somebody is typing.
  if (old.nodeName === "TEXTAREA" && (old === document.activeElement || old.value !== old.defaultValue)) return;
  children(old, fresh);
}
