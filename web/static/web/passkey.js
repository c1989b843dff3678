// Says in the page, in words, why a passkey did not work; the library alone would only log it.
document.addEventListener("allauth.error", (event) => {
  const place = document.getElementById("passkey-trouble");
  if (!place) return;
  event.preventDefault();
  const words = place.dataset;
  const name = event.detail.exception?.name;
  place.querySelector("[data-words]").textContent =
    name === "NotAllowedError" ? words.refused : name === "InvalidStateError" ? words.known : words.broken;
  place.hidden = false;
  place.scrollIntoView({ block: "nearest" });
});
