// What the pages can do more where scripts run. Without them everything works, with a few more
// steps.
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

// Files dropped on the box are put into its file field, so that they are sent as if they had been
// chosen.
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

// A camera, where the browser can both ask for one and read QR codes in what it sees. Every code
// that is new is a line in the box; several make one token together, so that the person says when
// it is enough.
for (const scan of document.querySelectorAll("[data-scan]")) {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices?.getUserMedia) continue;
  const box = document.getElementById(scan.dataset.scan);
  const video = scan.querySelector("video");
  const said = scan.querySelector("[role=status]");
  const button = scan.querySelector("button");
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  const seen = new Set();
  let stream = null;

  const stop = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    video.hidden = true;
    button.textContent = button.dataset.start;
  };
  const poll = async () => {
    if (!stream) return;
    try {
      for (const { rawValue } of await detector.detect(video)) {
        if (seen.has(rawValue)) continue;
        seen.add(rawValue);
        box.value += (box.value && !box.value.endsWith("\n") ? "\n" : "") + rawValue;
        said.textContent = said.dataset.read.replace("#", String(seen.size));
      }
    } catch {
      // This picture couldn't be looked at; the next one perhaps can.
    }
    setTimeout(poll, 250);
  };
  scan.hidden = false;
  button.addEventListener("click", async () => {
    if (stream) return stop();
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      said.textContent = said.dataset.refused;
      return;
    }
    video.srcObject = stream;
    video.hidden = false;
    button.textContent = button.dataset.stop;
    await video.play();
    poll();
  });
}

// Moments are in UTC on the page. Hovering tells them in the reader's own time zone.
for (const time of document.querySelectorAll("time[datetime]")) {
  const moment = new Date(time.dateTime);
  const format = { dateStyle: "full", timeStyle: "short" };
  time.title = new Intl.DateTimeFormat(document.documentElement.lang, format).format(moment);
}
