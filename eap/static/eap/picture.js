// Who points at a box of a plan's picture is led to that step in the list, which says the same and more.

document.addEventListener("click", (event) => {
  const box = event.target.closest?.(".graph [data-step]");
  const entry = box && document.getElementById(`step-${box.dataset.step}`);
  if (!entry) return;
  entry.closest("details")?.setAttribute("open", "");
  location.hash = entry.id;
});
