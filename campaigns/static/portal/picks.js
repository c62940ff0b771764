/* Choosing rows: all on the page at once, and how many are chosen. Without it each box works alone. */
"use strict";

for (const form of document.querySelectorAll("[data-picks]")) {
  const boxes = () => [...form.querySelectorAll('tbody input[type="checkbox"]:not(:disabled)')];
  const all = form.querySelector("[data-pick-all]");
  const count = form.querySelector("[data-pick-count]");

  const refresh = () => {
    const chosen = boxes().filter((box) => box.checked);
    for (const box of boxes()) {
      box.closest("tr").classList.toggle("is-chosen", box.checked);
    }
    if (all) {
      all.checked = chosen.length > 0 && chosen.length === boxes().length;
      all.indeterminate = chosen.length > 0 && !all.checked;
    }
    if (count) {
      count.textContent = chosen.length
        ? `${count.dataset.some} ${chosen.length}`
        : count.dataset.none;
    }
  };

  if (all) {
    all.hidden = false;
    all.addEventListener("change", () => {
      for (const box of boxes()) {
        box.checked = all.checked;
      }
      refresh();
    });
  }
  form.addEventListener("change", refresh);
  window.addEventListener("pageshow", refresh);
  refresh();
}
