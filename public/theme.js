// Shows the remembered theme, palette and privacy before the first paint, tells the style sheet that scripts run, the server in
// which time zone this browser is, and the service worker which page is put away.
(function () {
  var root = document.documentElement;
  root.setAttribute("data-script", "");
  try {
    ["theme", "palette", "private"].forEach(function (name) {
      var value = localStorage.getItem("foliostream:" + name);
      if (value && /^[a-z]{1,8}$/.test(value)) root.setAttribute("data-" + name, value);
    });
  } catch (_) {
    // A browser that keeps nothing has nothing to show.
  }
  try {
    var chosen = /(?:^|; )foliostream_zone_choice=([A-Za-z0-9\/_+-]{1,64})/.exec(document.cookie);
    var zone = chosen ? chosen[1] : Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (chosen) {
      // A browser that does not know the zone writes times in its own.
      try { new Intl.DateTimeFormat("en", { timeZone: zone }); root.setAttribute("data-chosen-zone", zone); }
      catch (_) { zone = Intl.DateTimeFormat().resolvedOptions().timeZone; }
    }
    var written = root.getAttribute("data-zone");
    root.setAttribute("data-own-zone", zone);
    if (/^[A-Za-z0-9\/_+-]{1,64}$/.test(zone) && zone !== written && !chosen) {
      document.cookie = "foliostream_zone=" + zone + "; Path=/; Max-Age=31536000; SameSite=Lax";
      // The page was written for another zone: it is asked for again, once.
      if (written && sessionStorage.getItem("foliostream:zone") !== zone) {
        sessionStorage.setItem("foliostream:zone", zone);
        location.reload();
      }
    }
  } catch (_) {
    // Without a zone, times are in UTC until the page is alive.
  }
  // A browser has none where a page is not served safely, or where it was told to keep nothing.
  var workers = navigator.serviceWorker;
  if (!workers) return;
  addEventListener("load", function () {
    workers.register("/sw.js").catch(function () {});
  });
  var kept = 0;
  document.addEventListener("visibilitychange", function () {
    if (document.visibilityState !== "hidden" || !workers.controller || Date.now() - kept < 60000) return;
    kept = Date.now();
    workers.controller.postMessage({ keep: location.href.split("#")[0] });
  });
})();
