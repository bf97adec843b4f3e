// Shows the remembered theme, palette and privacy before the first paint, and tells the style sheet that scripts run.
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
})();
