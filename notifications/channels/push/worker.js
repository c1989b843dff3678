// Shows what is pushed, tells the server that it was shown, and answers for the person. It caches nothing: without the
// server there is nothing true to show. It keeps how this browser is reached (device.js), to say so when that changes.
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => {
  event.waitUntil(arrive(event.data));
});

self.addEventListener("notificationclick", (event) => {
  const told = event.notification.data;
  event.notification.close();
  event.waitUntil(event.action === "acknowledge" && told.answer ? acknowledge(told) : open(told.link));
});

// The browser is reached elsewhere from now on; some say neither what was before nor what is new.
self.addEventListener("pushsubscriptionchange", (event) => {
  event.waitUntil(renew(event));
});

async function renew(event) {
  const kept = await (await caches.open("push")).match("/push/kept");
  const before = (await kept?.json()) ?? event.oldSubscription?.toJSON();
  if (!before) return;
  const key = before.key ?? event.oldSubscription?.options.applicationServerKey;
  const now =
    event.newSubscription ??
    (await self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }));
  const answer = await fetch("/push/renewed", {
    method: "POST",
    credentials: "omit",
    cache: "no-store",
    body: JSON.stringify({ before, now }),
  });
  if (answer.ok) await keep({ ...now.toJSON(), key: before.key });
}

async function keep(subscription) {
  await (await caches.open("push")).put("/push/kept", new Response(JSON.stringify(subscription)));
}

async function arrive(data) {
  const told = data.json();
  await self.registration.showNotification(told.title, {
    body: told.body,
    tag: told.tag,
    renotify: true,
    requireInteraction: told.urgent,
    lang: told.lang,
    timestamp: told.at,
    icon: "/static/web/app-192.png",
    badge: "/static/web/app-badge-96.png",
    vibrate: told.urgent ? [400, 150, 400, 150, 400] : [200],
    actions: told.answer ? [{ action: "acknowledge", title: told.acknowledge }] : [],
    data: told,
  });
  if (told.receipt) await post(told.receipt).catch(() => null);
}

async function acknowledge(told) {
  let words = told.words.failed;
  let done = false;
  try {
    const answer = await post(told.answer);
    done = answer.ok;
    if (done) words = (await answer.json()).sentence;
  } catch (error) {
    console.info("push", error);
  }
  await self.registration.showNotification(told.title, {
    body: words,
    tag: told.tag,
    lang: told.lang,
    silent: done,
    requireInteraction: !done,
    icon: "/static/web/app-192.png",
    badge: "/static/web/app-badge-96.png",
    data: { ...told, answer: "" },
  });
}

async function open(link) {
  const address = new URL(link, self.location.origin).href;
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const shown = windows.find((each) => each.url === address);
  return shown ? shown.focus() : self.clients.openWindow(address);
}

// The address is signed and is the whole permission: no cookie goes along.
function post(path) {
  return fetch(path, { method: "POST", credentials: "omit", cache: "no-store" });
}
