// What the questionnaire does beyond plain HTML: exclusive options exclude, and leaving with unsaved
// answers asks first. Without this script the server says the same after sending.
"use strict";

(() => {
  const form = document.querySelector("form.questionnaire");
  if (!form) return;

  // "None" or "N/A" and the recommendations of the same question take each other's tick away.
  form.addEventListener("change", (event) => {
    const box = event.target;
    const exclusive = box.closest("[data-exclusive]")?.dataset.exclusive;
    if (!exclusive || !box.checked) return;
    for (const other of form.querySelectorAll(`input[name="${CSS.escape(box.name)}"]:checked`)) {
      if (other !== box && (box.value === exclusive || other.value === exclusive)) other.checked = false;
    }
  });

  let unsaved = form.dataset.unsaved === "true";
  form.addEventListener("input", () => { unsaved = true; });
  form.addEventListener("submit", () => { unsaved = false; });
  window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
})();
