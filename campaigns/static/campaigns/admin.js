// A sweep's page follows the sweep while it is at work.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const refreshing = document.querySelector("[data-refresh]");
  if (refreshing) {
    setTimeout(() => location.reload(), Number(refreshing.dataset.refresh) * 1000);
  }
});
