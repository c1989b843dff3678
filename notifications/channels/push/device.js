// Turns notifications on for the device in hand, and says how it stands. The server makes it a contact method.
const place = document.getElementById("push-device");
const able = window.isSecureContext && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

if (place && able) {
  document.getElementById("push-impossible").hidden = true;
  place.hidden = false;
  place.querySelector("[data-turn-on]").addEventListener("click", turnOn);
  show();
}

function say(state) {
  for (const words of place.querySelectorAll("[data-state]")) words.hidden = words.dataset.state !== state;
  place.querySelector("[data-turn-on]").hidden = state === "on" || state === "refused";
}

async function show() {
  if (Notification.permission === "denied") return say("refused");
  const worker = await navigator.serviceWorker.register("/sw.js", { scope: "/" });
  const subscription = Notification.permission === "granted" ? await worker.pushManager.getSubscription() : null;
  const on = subscription !== null && (await isKnown(subscription));
  if (on) await keep(subscription);
  say(on ? "on" : "off");
}

async function turnOn(event) {
  event.target.disabled = true;
  try {
    if ((await Notification.requestPermission()) !== "granted") return say("refused");
    await navigator.serviceWorker.register("/sw.js", { scope: "/" });
    const worker = await navigator.serviceWorker.ready;
    const subscription = await subscribed(worker);
    const answer = await fetch("/me/contacts/devices/", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
      body: JSON.stringify(subscription),
    });
    if (!answer.ok) return say("broken");
    await keep(subscription);
    location.reload();
  } catch (error) {
    console.info("push", error);
    say("broken");
  } finally {
    event.target.disabled = false;
  }
}

// A subscription made with another key of ours is of no use any more.
async function subscribed(worker) {
  const key = bytes(place.dataset.key);
  const before = await worker.pushManager.getSubscription();
  if (before && !same(before.options?.applicationServerKey, key)) await before.unsubscribe();
  return worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

// For the worker, which has to prove who it is when the browser changes its subscription.
async function keep(subscription) {
  const kept = JSON.stringify({ ...subscription.toJSON(), key: place.dataset.key });
  await (await caches.open("push")).put("/push/kept", new Response(kept));
}

async function isKnown(subscription) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(subscription.endpoint));
  const name = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("").slice(0, 20);
  return place.dataset.known.split(" ").some((address) => address.endsWith(`/${name}`));
}

function token() {
  return JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
}

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

function same(buffer, key) {
  if (!buffer) return false;
  const other = new Uint8Array(buffer);
  return other.length === key.length && other.every((byte, place) => byte === key[place]);
}
