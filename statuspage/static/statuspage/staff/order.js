// Lets components be dragged inside their group. The buttons beside them do the same without this script.

const form = document.getElementById("order");
let dragged = null;

function send() {
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

for (const list of form ? document.querySelectorAll("[data-drag]") : []) {
  for (const row of list.querySelectorAll("[data-id]")) row.draggable = true;
  list.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("[data-id]");
    dragged?.classList.add("dragged");
  });
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest("[data-id]");
    if (!dragged || !over || over === dragged || !list.contains(dragged)) return;
    event.preventDefault();
    const middle = over.getBoundingClientRect().top + over.offsetHeight / 2;
    over.parentNode.insertBefore(dragged, event.clientY < middle ? over : over.nextSibling);
  });
  list.addEventListener("drop", (event) => event.preventDefault());
  list.addEventListener("dragend", () => {
    if (!dragged) return;
    dragged.classList.remove("dragged");
    dragged = null;
    send();
  });
}
