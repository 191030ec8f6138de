// What the pages can do more where scripts run. Without them everything works, with a few more steps.
"use strict";

// Copy: only where the browser lets a page write the clipboard, and said only once it has.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  const field = document.getElementById(button.dataset.copy);
  const said = button.closest("section").querySelector("[role=status]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
      said.textContent = button.dataset.copied;
    } catch {
      // Then by hand: the whole token is selected.
      field.focus();
      field.select();
    }
  });
}

// Files dropped on the box are put into its file field, so that they are sent as if they had been chosen.
for (const form of document.querySelectorAll("[data-drop]")) {
  const files = form.querySelector("input[type=file]");
  const over = (on) => form.classList.toggle("over", on);
  form.addEventListener("dragover", (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    over(true);
  });
  form.addEventListener("dragleave", () => over(false));
  form.addEventListener("drop", (event) => {
    over(false);
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    files.files = event.dataTransfer.files;
    form.requestSubmit();
  });
}

// Moments are in UTC on the page. Hovering tells them in the reader's own time zone.
for (const time of document.querySelectorAll("time[datetime]")) {
  const moment = new Date(time.dateTime);
  const format = { dateStyle: "full", timeStyle: "short" };
  time.title = new Intl.DateTimeFormat(document.documentElement.lang, format).format(moment);
}
