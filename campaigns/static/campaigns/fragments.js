// Fills in the parts of a page that take longer than the page.
"use strict";

document.addEventListener("DOMContentLoaded", async () => {
  for (const place of document.querySelectorAll("[data-fragment]")) {
    try {
      const answer = await fetch(place.dataset.fragment, { headers: { Accept: "text/html" } });
      if (answer.ok && !answer.redirected) {
        place.innerHTML = await answer.text();
      }
    } catch {
      return;
    }
  }
});
