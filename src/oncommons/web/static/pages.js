// Comfort only: every page works without it.
"use strict";

// Long lists of codes get a box that narrows them down.
for (const pick of document.querySelectorAll("[data-pick] > fieldset")) {
  const boxes = [...pick.querySelectorAll("label.box")];
  if (boxes.length < 12) continue;
  const others = pick.querySelector("details.others");
  const box = document.createElement("input");
  box.type = "search";
  box.className = "narrow";
  box.placeholder = "narrow down";
  box.setAttribute("aria-label", pick.parentElement.dataset.pick ? "Narrow down the nodes" : "Narrow down the codes");
  box.addEventListener("input", () => {
    const word = box.value.trim().toLowerCase();
    for (const label of boxes) label.hidden = word !== "" && !label.textContent.toLowerCase().includes(word);
    if (word !== "" && others) others.open = true;
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  pick.prepend(box);
}

// The summary of a list says what is chosen as it is chosen.
for (const pick of document.querySelectorAll("[data-pick]")) {
  pick.addEventListener("change", () => {
    const chosen = [...pick.querySelectorAll("input:checked")].map((input) => input.value);
    pick.querySelector(".chosen").textContent = chosen.join(", ") || pick.dataset.pick || "any";
  });
}

// While nodes are being asked, say so; and leave empty fields out of the address.
const builder = document.getElementById("builder");
if (builder) {
  // Enter asks, but beside "Find" it finds: a federation is not asked by who looks for a code.
  builder.querySelector("#find").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      builder.requestSubmit(builder.querySelector('[value="find"]'));
    }
  });
  builder.addEventListener("submit", (event) => {
    const silent = [...builder.elements].filter((field) => field.name && field.value === "" && !field.disabled);
    for (const field of silent) field.disabled = true;
    if (event.submitter && event.submitter.value === "ask") {
      const some = builder.querySelector("[name=nodes]:checked");
      builder.querySelector("[data-waiting]").textContent = some ? "Asking the chosen nodes …" : "Asking every node …";
    }
    window.addEventListener("pageshow", () => silent.forEach((field) => { field.disabled = false; }), { once: true });
    setTimeout(() => silent.forEach((field) => { field.disabled = false; }), 0);
  });
}
