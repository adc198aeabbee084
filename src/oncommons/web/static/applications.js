// Saves while somebody writes.  Without this script there is a button, which does the same.
"use strict";

const writing = document.getElementById("writing");
const status = document.getElementById("saved");
const PAUSE = 1200, LONGEST_WAIT = 60000;

if (writing && status) {
  const stopped = new Set();   // paragraphs in which two texts wait for a decision
  let timer = 0, wait = 5000, busy = false, dirty = false, lost = false;

  const box = (name) => writing.querySelector(`[data-paragraph="${CSS.escape(name)}"]`);
  const fields = (name) => [...writing.querySelectorAll(`[name="${CSS.escape(`a-${name}`)}"]`)];
  const hidden = (kind, name) => writing.querySelector(`[name="${CSS.escape(`${kind}-${name}`)}"]`);
  const now = (name) => JSON.stringify(fields(name).map((f) => (f.type === "checkbox" || f.type === "radio" ? f.checked : f.value)));
  const names = [...writing.querySelectorAll('input[name^="rev-"]')].map((input) => input.name.slice(4));
  const stood = new Map(names.map((name) => [name, now(name)]));
  const changed = () => names.filter((name) => !stopped.has(name) && now(name) !== stood.get(name));

  const clock = () => new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });

  const body = (chosen) => {
    const sent = new URLSearchParams({ form: writing.elements.form.value });
    for (const name of chosen) {
      for (const kind of ["rev", "was", "kind"]) sent.append(`${kind}-${name}`, hidden(kind, name).value);
      for (const f of fields(name)) {
        if ((f.type !== "checkbox" && f.type !== "radio") || f.checked) sent.append(f.name, f.value);
      }
    }
    return sent;
  };

  const decide = (name, late) => {
    stopped.add(name);
    const notice = document.createElement("div");
    notice.className = "notice wrong conflict";
    notice.setAttribute("role", "alert");
    const head = document.createElement("h3");
    head.textContent = `${late.by} wrote meanwhile, and it stands:`;
    const text = document.createElement("p");
    text.className = "kept-lines";
    text.textContent = (Array.isArray(late.value) ? late.value.join("\n") : late.value) || "(nothing)";
    const row = document.createElement("div");
    row.className = "actions";
    const settle = (label, take) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      button.addEventListener("click", () => {
        hidden("rev", name).value = late.revision;
        hidden("was", name).value = late.was;
        if (take) {
          for (const f of fields(name)) {
            if (f.type === "checkbox" || f.type === "radio") f.checked = Array.isArray(late.value) ? late.value.includes(f.value) : f.value === late.value;
            else f.value = late.value;
          }
          stood.set(name, now(name));
        } else {
          stood.set(name, "");
        }
        stopped.delete(name);
        notice.remove();
        soon(0);
        (fields(name)[0] || writing).focus();
      });
      row.append(button);
    };
    settle("Let mine stand", false);
    settle("Take theirs", true);
    notice.append(head, text, row);
    const first = fields(name)[0];
    const place = first.closest("label.box, .few-boxes, .scroll, details.pick") || first;
    place.before(notice);
  };

  // After signing in again, in another tab, the form goes on with the new session.
  const renew = async () => {
    const page = await fetch(writing.action, { headers: { accept: "text/html" } });
    const found = new DOMParser().parseFromString(await page.text(), "text/html").querySelector("#writing input[name=form]");
    if (found) writing.elements.form.value = found.value;
  };

  const save = async (leaving = false) => {
    const chosen = changed();
    if (!chosen.length || (busy && !leaving)) return;
    busy = true;
    const was = new Map(chosen.map((name) => [name, now(name)]));
    status.textContent = "Saving …";
    try {
      const reply = await fetch(writing.action, {
        method: "POST", body: body(chosen), headers: { accept: "application/json" }, keepalive: leaving, redirect: "error",
      });
      if (reply.status === 401 || reply.status === 403) await renew();
      const told = await reply.json();
      if (!reply.ok) throw new Error(told.error ? told.error.message : reply.statusText);
      for (const [name, one] of Object.entries(told.stands)) {
        hidden("rev", name).value = one.revision;
        hidden("was", name).value = one.was;
        stood.set(name, was.get(name));
      }
      for (const [name, one] of Object.entries(told.late)) decide(name, one);
      lost = false;
      wait = 5000;
      status.textContent = stopped.size ? "Somebody else wrote in the same place: look at both texts." : `Saved at ${clock()}.`;
    } catch (fault) {
      lost = true;
      status.textContent = `Not saved: ${fault.message} Your text is still here; it is tried again.`;
      soon(wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    } finally {
      busy = false;
      dirty = changed().length > 0;
      if (dirty && !lost) soon(PAUSE);
    }
  };

  const soon = (after) => {
    clearTimeout(timer);
    timer = setTimeout(save, after);
  };

  writing.addEventListener("input", (event) => {
    if (event.target.name && event.target.name.startsWith("a-")) {
      dirty = true;
      soon(PAUSE);
    }
  });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") save(true); });
  window.addEventListener("beforeunload", (event) => {
    if ((lost && changed().length) || stopped.size) event.preventDefault();
  });
  writing.addEventListener("submit", () => { stopped.clear(); lost = false; clearTimeout(timer); });

  // How long a text is, as it is written.
  for (const note of writing.querySelectorAll(".counted")) {
    const area = note.previousElementSibling, most = Number(note.dataset.most), words = note.textContent;
    const count = () => { note.textContent = `${words} ${area.value.length.toLocaleString("en")} now.`; note.classList.toggle("bad", area.value.length > most); };
    area.addEventListener("input", count);
    count();
  }
  // A document that is too large is not sent at all.
  for (const input of writing.querySelectorAll('input[type="file"]')) {
    input.addEventListener("change", () => {
      const large = [...input.files].some((file) => file.size > 20000000);
      input.setCustomValidity(large ? "The document is larger than 20 MB." : "");
      input.reportValidity();
    });
  }
}
