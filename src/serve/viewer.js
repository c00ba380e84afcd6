// What the pages do beyond links and forms; without it everything essential still works.
"use strict";

// The token has done its work; it need not stay in the address or its history.
const here = new URL(location.href);
if (here.searchParams.has("token")) {
  here.searchParams.delete("token");
  history.replaceState(null, "", here);
}

// Zoom, kept for this browser.
const root = document.documentElement;
const zoomed = (by) => {
  const now = Math.min(2, Math.max(.6, Number(localStorage.getItem("zoom") || 1) + by));
  localStorage.setItem("zoom", String(now));
  root.style.setProperty("--zoom", String(now));
};
zoomed(0);

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.zoom) zoomed(Number(button.dataset.zoom) * .1);
  if ("print" in button.dataset) print();
  if ("copy" in button.dataset) {
    navigator.clipboard.writeText(location.href).then(() => { button.textContent = "Copied"; });
  }
  if ("up" in button.dataset) {
    event.preventDefault();
    const item = button.closest("li");
    item.previousElementSibling?.before(item);
    button.focus();
  }
});

// Empty fields stay out of addresses.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "get") return;
  for (const field of event.target.elements) if (field.name && !field.value) field.disabled = true;
});
addEventListener("pageshow", () => { for (const field of document.querySelectorAll(":disabled[name]")) field.disabled = false; });

// Accounts are offered while one is typed.
const ahead = document.querySelector("[data-ahead]");
if (ahead) {
  let waiting;
  ahead.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const typed = ahead.value.split(",").pop().trim();
      if (!typed) return;
      const answer = await fetch("/api/v1/accounts?q=" + encodeURIComponent(typed));
      if (!answer.ok) return;
      const list = document.getElementById("accounts");
      const { accounts } = await answer.json();
      list.replaceChildren(...accounts.map(({ id, company }) => {
        const option = document.createElement("option");
        option.value = id;
        option.label = company ? `${id} · ${company}` : id;
        return option;
      }));
    }, 120);
  });
}

document.getElementById("hit")?.scrollIntoView({ block: "center" });
