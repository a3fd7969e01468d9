// A classic script in the head: the chosen theme is there before the first paint.
(() => {
  let theme = null;
  try { theme = localStorage.getItem("swiftlet.theme"); } catch { /* Storage may be off: then the system's theme. */ }
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
})();
