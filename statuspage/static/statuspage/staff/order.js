// Lets components be dragged inside their group. The buttons beside them do the same without this script.

let dragged = null;

function send() {
  const form = document.getElementById("order");
  for (const old of form.querySelectorAll('input[name="ids"]')) old.remove();
  for (const block of document.querySelectorAll("[data-block]")) {
    const inner = [...block.querySelectorAll("[data-id]")].map((row) => row.dataset.id);
    for (const id of [block.dataset.block, ...inner]) {
      const input = document.createElement("input");
      input.type = "hidden";
      input.name = "ids";
      input.value = id;
      form.append(input);
    }
  }
  form.requestSubmit();
}

// On the document, not on the lists: the live refresh may bring others at any time.
document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-drag] > [data-id]") ?? null;
  dragged?.classList.add("dragged");
});
document.addEventListener("dragover", (event) => {
  const over = event.target.closest?.("[data-drag] > [data-id]");
  if (!dragged || over?.parentNode !== dragged.parentNode) return;
  event.preventDefault();
  if (over === dragged) return;
  const middle = over.getBoundingClientRect().top + over.offsetHeight / 2;
  over.parentNode.insertBefore(dragged, event.clientY < middle ? over : over.nextSibling);
});
document.addEventListener("drop", (event) => {
  if (dragged) event.preventDefault();
});
document.addEventListener("dragend", () => {
  if (!dragged) return;
  dragged.classList.remove("dragged");
  dragged = null;
  send();
});
