// Folds rows away below their kind, and finds rows by what stands in them. Without it all rows show.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const remembered = (name) => sessionStorage.getItem(`paddock-fold-${name}`);
  const buttons = [...document.querySelectorAll("[data-fold]")];
  const rowsOf = (button) => document.getElementById(button.getAttribute("aria-controls"));
  const set = (button, open) => {
    button.setAttribute("aria-expanded", open);
    rowsOf(button).hidden = !open;
  };
  const turn = (button, open) => {
    set(button, open);
    sessionStorage.setItem(`paddock-fold-${button.dataset.fold}`, open ? "open" : "shut");
  };
  for (const button of buttons) {
    set(button, remembered(button.dataset.fold) === "open");
    button.addEventListener("click", () => {
      turn(button, button.getAttribute("aria-expanded") !== "true");
      nameAll();
    });
  }

  const all = document.querySelector("[data-fold-all]");
  const allOpen = () => buttons.every((button) => button.getAttribute("aria-expanded") === "true");
  const nameAll = () => {
    if (all) {
      all.textContent = allOpen() ? all.dataset.foldLabel : all.dataset.unfold;
    }
  };
  if (all && buttons.length) {
    all.hidden = false;
    all.addEventListener("click", () => {
      const open = !allOpen();
      buttons.forEach((button) => turn(button, open));
      nameAll();
    });
    nameAll();
  }

  // A link to a kind opens it.
  const openTarget = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    const button = target && target.querySelector("[data-fold]");
    if (button) {
      turn(button, true);
      nameAll();
    }
    if (target && target.tagName === "DETAILS") {
      target.open = true;
    }
  };
  window.addEventListener("hashchange", openTarget);
  openTarget();

  for (const box of document.querySelectorAll("[data-find]")) {
    const place = document.querySelector(box.dataset.find);
    const rows = [...place.querySelectorAll("[data-row]")];
    const find = () => {
      const words = box.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
      }
      for (const part of place.querySelectorAll("details")) {
        const found = [...part.querySelectorAll("[data-row]")].some((row) => !row.hidden);
        part.hidden = words.length > 0 && !found;
        part.open = words.length > 0 ? found : part.dataset.open !== undefined;
      }
      for (const button of buttons) {
        if (place.contains(button)) {
          const found = [...rowsOf(button).querySelectorAll("[data-row]")].some((row) => !row.hidden);
          set(button, words.length ? found : remembered(button.dataset.fold) === "open");
        }
      }
      nameAll();
    };
    box.addEventListener("input", find);
    if (box.value) {
      find();
    }
  }
});
