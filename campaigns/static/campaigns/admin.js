"use strict";

document.addEventListener("DOMContentLoaded", () => {
  // The admin's frame has no main landmark, which people who read with a screen reader jump to.
  const main = document.getElementById("main");
  if (main) {
    main.setAttribute("role", "main");
  }
  // Its two navigations have no names to tell them apart by.
  document.querySelectorAll("nav:not([aria-label])").forEach((nav, i) => {
    nav.setAttribute("aria-label", nav.id || `navigation ${i + 1}`);
  });
  // A sweep's page follows the sweep while it is at work.
  const refreshing = document.querySelector("[data-refresh]");
  if (refreshing) {
    setTimeout(() => location.reload(), Number(refreshing.dataset.refresh) * 1000);
  }
});

// Scrolling areas all come with one and the same name.
window.addEventListener("load", () => {
  document.querySelectorAll(".simplebar-content-wrapper[role=region]").forEach((area, i) => {
    area.setAttribute("aria-label", `${area.getAttribute("aria-label")} ${i + 1}`);
  });
});

// The box that stands in for a list of choices is named by what is chosen alone, or by nothing. It
// is drawn after the page is there, and again with every row that is added.
const nameBoxes = () => {
  document.querySelectorAll("select.select2-hidden-accessible").forEach((list) => {
    const box = list.parentElement.querySelector(".select2-selection:not([data-named])");
    const label = list.id && document.querySelector(`label[for="${list.id}"]`);
    const chosen = list.parentElement.querySelector(".select2-selection__rendered[role=textbox]:not([aria-labelledby])");
    if (chosen && label) {
      label.id = label.id || `${list.id}_label`;
      chosen.setAttribute("aria-labelledby", label.id);
    }
    if (box && label) {
      label.id = label.id || `${list.id}_label`;
      box.dataset.named = "";
      box.setAttribute("aria-labelledby", `${label.id} ${box.getAttribute("aria-labelledby") || ""}`.trim());
    }
  });
};
document.addEventListener("DOMContentLoaded", () => {
  nameBoxes();
  new MutationObserver(nameBoxes).observe(document.body, { childList: true, subtree: true });
});
