// Two kindnesses for forms: a move is sent once however often it is pressed, and a button with data-hold acts when
// it is held down, or pressed twice. Without this script the server's own checks remain.

const HOLD_MS = 1000, ARMED_MS = 4000, SENT_MS = 8000;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
  const free = () => {
    delete form.dataset.sent;
    event.submitter?.removeAttribute("aria-busy");
  };
  // A bad line may swallow the answer: after a while the reader may press again.
  setTimeout(free, SENT_MS);
  window.addEventListener("pageshow", free, { once: true });
});

function disarm(button) {
  if (!button.dataset.word) return;
  button.textContent = button.dataset.word;
  delete button.dataset.word;
}

function arm(button) {
  button.dataset.word = button.textContent;
  button.textContent = button.dataset.hold;
  document.getElementById("announce")?.replaceChildren(button.dataset.hold);
  setTimeout(disarm, ARMED_MS, button);
}

let holding = null;

function letGo() {
  if (!holding) return;
  clearTimeout(holding.timer);
  holding.button.classList.remove("holding");
  holding = null;
}

document.addEventListener("pointerdown", (event) => {
  const button = event.target.closest?.("button[data-hold]");
  if (!button || event.button !== 0) return;
  button.classList.add("holding");
  const timer = setTimeout(() => {
    letGo();
    button.dataset.held = "yes";
    button.form.requestSubmit(button);
  }, HOLD_MS);
  holding = { button, timer };
});
document.addEventListener("pointerup", letGo);
document.addEventListener("pointercancel", letGo);
window.addEventListener("blur", letGo);
document.addEventListener("pointermove", (event) => {
  if (holding && !holding.button.contains(event.target)) letGo();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button[data-hold]");
  if (!button) return;
  if (button.dataset.held) {
    // The hold has already sent the form; this click is only the finger leaving.
    delete button.dataset.held;
    event.preventDefault();
  } else if (!button.dataset.word) {
    event.preventDefault();
    arm(button);
  }
});
