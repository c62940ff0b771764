// Of a structure's inputs only those that go with the chosen kind are shown. Without a script all
// are, and the others' values are not looked at.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  for (const holder of document.querySelectorAll("[data-parts]")) {
    const kind = holder.querySelector("select");
    const show = () => {
      for (const part of holder.querySelectorAll("[data-kinds]")) {
        part.hidden = !part.dataset.kinds.split(" ").includes(kind.value);
      }
    };
    kind.addEventListener("change", show);
    show();
  }
});
