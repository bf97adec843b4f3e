// What a page needs where there is no server: the pages that were shown last, which say of what time their figures are, and the
// parts that they are made of. Answers to programs, forms and streams are never kept.
const PAGES = "pages-1";
const PARTS = "parts-1";
const MOST = { [PAGES]: 12, [PARTS]: 60 };
const PART = /^\/(pkg|fonts)\/|^\/(theme\.js|favicon\.svg|icon-\d+\.png|manifest\.webmanifest)$/;

self.addEventListener("install", (event) => event.waitUntil(self.skipWaiting()));

self.addEventListener("activate", (event) => event.waitUntil((async () => {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => !(name in MOST)).map((name) => caches.delete(name)));
  if (self.registration.navigationPreload) await self.registration.navigationPreload.enable();
  await self.clients.claim();
})()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate" && !pathname.startsWith("/api/")) event.respondWith(page(event));
  else if (PART.test(pathname)) event.respondWith(part(event));
});

// A page from the server; where that cannot be reached, or only something in front of it answers, as it was shown last.
async function page(event) {
  try {
    const answer = (await event.preloadResponse) || (await fetch(event.request));
    if (answer.status >= 502 && answer.status <= 504) throw new Error(`the server answered ${answer.status}`);
    event.waitUntil(keepPage(event.request.url, answer.clone()));
    return answer;
  } catch (error) {
    const cache = await caches.open(PAGES);
    const known = (await cache.match(event.request)) || (await cache.match("/"));
    if (known) return known;
    throw error;
  }
}

async function keepPage(url, answer) {
  const kind = answer.headers.get("content-type") || "";
  if (answer.status === 200 && !answer.redirected && kind.startsWith("text/html")) await keep(PAGES, url, answer);
}

// A part whose name changes with its contents is fetched once; others as the server has them, or as they were.
async function part(event) {
  const cache = await caches.open(PARTS);
  const known = await cache.match(event.request);
  if (known && (known.headers.get("cache-control") || "").includes("immutable")) return known;
  try {
    const answer = await fetch(event.request);
    if (answer.status === 200) event.waitUntil(keep(PARTS, event.request.url, answer.clone()));
    return answer;
  } catch (error) {
    if (known) return known;
    throw error;
  }
}

// Keeps an answer; of too many the oldest goes.
async function keep(name, url, answer) {
  const cache = await caches.open(name);
  await cache.delete(url);
  await cache.put(url, answer);
  const kept = await cache.keys();
  await Promise.all(kept.slice(0, Math.max(0, kept.length - MOST[name])).map((request) => cache.delete(request)));
}

self.addEventListener("message", (event) => {
  const { keep: url, notify } = event.data || {};
  // A page that is put away leaves its newest figures.
  if (url) event.waitUntil(fetch(url, { headers: { accept: "text/html" } }).then((answer) => keepPage(url, answer), () => {}));
  if (notify) {
    const { title, body, tag } = notify;
    event.waitUntil(self.registration.showNotification(title, { body, tag, icon: "/icon-192.png" }));
  }
});

// A press on a notification leads to the inbox, in a tab that is open where there is one.
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil((async () => {
    const tabs = await self.clients.matchAll({ type: "window" });
    const tab = tabs.find((tab) => tab.focused) || tabs[0];
    if (!tab) return self.clients.openWindow("/inbox");
    await tab.focus();
    return tab.navigate("/inbox");
  })());
});
