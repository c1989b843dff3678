// Shows a page's colours while they are typed. Without this script the saved page shows them.

const samples = document.getElementById("colour-preview");
const HEXADECIMAL = /^#[0-9a-f]{6}$/i;
const USUAL = {
  light: { "--sample-paper": "#ffffff", "--sample-ink": "#15201e", "--sample": "#0b5d57" },
  dark: { "--sample-paper": "#161e1d", "--sample-ink": "#e8efed", "--sample": "#5cc8bc" },
};

function show(input) {
  const usual = USUAL[input.dataset.colour];
  const style = samples.querySelector(`[data-paper="${input.dataset.colour}"]`).style;
  for (const [name, value] of Object.entries(usual)) style.setProperty(name, value);
  if (HEXADECIMAL.test(input.value)) style.setProperty("--sample", input.value);
}

if (samples) {
  samples.hidden = false;
  for (const input of document.querySelectorAll("[data-colour]")) {
    show(input);
    input.addEventListener("input", () => show(input));
  }
}
