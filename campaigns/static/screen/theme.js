/* Before anything is drawn: the theme that was chosen on this screen, if one was. */
"use strict";

try {
  const kept = localStorage.getItem("paddock-screen-theme");
  if (kept === "light" || kept === "dark") {
    document.documentElement.dataset.theme = kept;
  }
} catch {
  // A browser that keeps nothing goes by its own preference.
}
