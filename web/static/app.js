/* Two small things forms cannot do: hear that something changed, and keep open what was open. */
(() => {
  "use strict";
  document.documentElement.classList.add("js");

  /* A hidden tab lets go: a browser keeps six connections to a site, and tabs pile up. */
  const live = document.querySelector("[data-live]");
  const lost = document.getElementById("perdu");
  let source = null;
  const listen = () => {
    source = new EventSource(live.dataset.live);
    source.onopen = () => { lost.hidden = true; };
    source.onmessage = () => htmx.trigger(live, "live");
    source.onerror = () => { lost.hidden = false; };
  };
  const rest = () => { if (source) source.close(); source = null; };
  if (live && window.EventSource) {
    document.addEventListener("visibilitychange", () => {
      rest();
      if (!document.hidden) listen();
    });
    window.addEventListener("pagehide", rest);
    window.addEventListener("pageshow", () => { if (!source && !document.hidden) listen(); });
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
