// The section "how many live entries would this touch?" asks and follows its count in place, so that
// what is typed into the form above is kept. Without a script a button and a link do the same.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const EVERY = 2000;
  const holder = document.querySelector("[data-reach]");
  if (!holder) {
    return;
  }
  const headers = { "X-Requested-With": "fetch" };

  const show = async (response) => {
    if (!response.ok || response.redirected) {
      throw new Error(String(response.status));
    }
    const text = await response.text();
    if (text !== holder.dataset.seen) {
      holder.innerHTML = text;
      holder.dataset.seen = text;
    }
    follow();
  };
  const follow = () => {
    if (holder.querySelector("[data-under-way]")) {
      setTimeout(() => fetch(holder.dataset.reach, { headers }).then(show).catch(follow), EVERY);
    }
  };

  holder.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.target;
    fetch(form.action, { method: "POST", body: new FormData(form), headers })
      .then(show)
      .then(() => holder.querySelector("h2").focus())
      .catch(() => form.submit());
  });
  follow();
});
