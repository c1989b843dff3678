// Two kindnesses for who writes a plan: line numbers beside the text, and problems that lead to their line.
// Without this script the text can be written, checked and saved all the same.

const text = document.getElementById("id_text");
const gutter = text.closest(".sheet").querySelector(".gutter");
let shown = 0;

function number() {
  const lines = text.value.split("\n").length;
  if (lines !== shown) gutter.textContent = Array.from({ length: lines }, (_, line) => line + 1).join("\n");
  shown = lines;
  gutter.scrollTop = text.scrollTop;
}

text.addEventListener("input", number);
text.addEventListener("scroll", () => { gutter.scrollTop = text.scrollTop; }, { passive: true });
number();

function lead(line, column) {
  const lines = text.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  const end = start + (lines[line - 1]?.length ?? 0);
  text.focus();
  text.setSelectionRange(Math.min(start + column - 1, end), end);
  const height = text.scrollHeight / Math.max(lines.length, 1);
  text.scrollTop = Math.max(0, (line - 4) * height);
}

// The list of problems is replaced while somebody writes, so the page listens for all of them.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-line]");
  if (!link) return;
  event.preventDefault();
  lead(Number(link.dataset.line), Number(link.dataset.column));
});

// Leaving with unsaved words asks first; sending the form does not.
const began = text.value;
let sent = false;
document.getElementById("editor").addEventListener("submit", () => { sent = true; });
window.addEventListener("beforeunload", (event) => {
  if (!sent && text.value !== began) event.preventDefault();
});
