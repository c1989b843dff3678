// The button that opens the browser's own print sheet; without this script it isn't shown.
document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
