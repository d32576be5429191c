/* Two small things forms cannot do: hear that something changed, and keep open what was open. */
(() => {
  "use strict";
  document.documentElement.classList.add("js");

  const live = document.querySelector("[data-live]");
  if (live && window.EventSource) {
    const lost = document.getElementById("perdu");
    const source = new EventSource(live.dataset.live);
    source.onopen = () => { lost.hidden = true; };
    source.onmessage = () => htmx.trigger(live, "live");
    source.onerror = () => { lost.hidden = false; };
    window.addEventListener("pagehide", () => source.close());
  }

  let open = [];
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    open = [...event.detail.target.querySelectorAll("details[open][id]")].map((one) => one.id);
  });
  document.body.addEventListener("htmx:afterSwap", () => {
    for (const id of open) {
      const one = document.getElementById(id);
      if (one) one.open = true;
    }
  });
})();
