// What HTML alone cannot do: switch person at once, confirm as Slack does, open modals, keep what was open open.
"use strict";

document.addEventListener("change", (event) => {
  if (event.target.id === "as") event.target.form.requestSubmit();
});

document.addEventListener("htmx:confirm", (event) => {
  const asked = event.detail.elt.dataset;
  if (!asked.confirmTitle) return;
  event.preventDefault();
  const dialog = document.getElementById("confirm");
  for (const part of ["title", "text", "yes", "no"]) {
    const key = `confirm${part[0].toUpperCase()}${part.slice(1)}`;
    document.getElementById(`confirm-${part}`).textContent = asked[key];
  }
  dialog.returnValue = "";
  dialog.onclose = () => dialog.returnValue === "yes" && event.detail.issueRequest(true);
  dialog.showModal();
});

let open = new Set();
let typed = {};
let atEnd = true;

const scroller = () => document.getElementById("talk-scroll");

document.addEventListener("htmx:beforeSwap", (event) => {
  const old = event.detail.target;
  open = new Set([...old.querySelectorAll("details[open]")].map((d) => d.id));
  typed = Object.fromEntries([...old.querySelectorAll("textarea")].map((t) => [t.name, t.value]));
  const talk = scroller();
  atEnd = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 80;
});

document.addEventListener("htmx:afterSwap", (event) => {
  const fresh = document.getElementById(event.detail.target.id);
  if (!fresh) return;
  fresh.querySelectorAll("details").forEach((d) => { d.open = open.has(d.id); });
  fresh.querySelectorAll("dialog[data-open]").forEach((dialog) => {
    dialog.querySelectorAll("textarea").forEach((t) => { t.value = typed[t.name] ?? ""; });
    dialog.addEventListener("cancel", (e) => { e.preventDefault(); dialog.querySelector("button[type=button]").click(); });
    if (!dialog.open) dialog.showModal();
  });
  if (fresh.id === "slack" && atEnd) scroller().scrollTop = scroller().scrollHeight;
});
