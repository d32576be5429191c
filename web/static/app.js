/* Three small things forms cannot do: hear that something changed, say that it could not be heard
   or kept, and keep open what was open. */
(() => {
  "use strict";
  document.documentElement.classList.add("js");
  const every = (selector, act) => { if (selector) document.querySelectorAll(selector).forEach(act); };

  /* What was asked for and not got is said in one place, `perdu`. Whoever asks names in `data-fresh`
     what is not true meanwhile; `again` in its hx-trigger lets it be asked anew by itself. */
  const lost = document.getElementById("perdu");
  const why = lost && lost.querySelector("[data-why]");
  const silence = why && why.textContent;
  const failing = new Map();
  let cut = false;
  const tell = () => {
    for (const one of failing.keys()) if (!one.isConnected) failing.delete(one);
    if (!lost) return;
    const all = [...failing.values()];
    const said = all.find((xhr) => (xhr.getResponseHeader("Content-Type") || "").startsWith("text/plain"));
    if (why) why.textContent = said ? said.responseText : silence;
    every("#perdu [data-draft]", (one) => { one.hidden = ![...failing.keys()].some((asker) => asker.dataset.keeps); });
    every("#perdu [data-stale]", (one) => { one.hidden = !all.some((xhr) => xhr.status === 401 || xhr.status === 409); });
    lost.hidden = !cut && !all.length;
  };
  let waiting = null;
  const failed = ({ detail: { elt, xhr } }) => {
    failing.set(elt, xhr);
    every(elt.dataset.fresh, (one) => { one.hidden = true; });
    tell();
    clearTimeout(waiting);
    if (xhr.status >= 400 && xhr.status < 500) return;  // the same answer would come again
    waiting = setTimeout(() => [...failing.keys()].forEach((one) => htmx.trigger(one, "again")), 5000);
  };
  for (const name of ["responseError", "sendError", "timeout"]) document.body.addEventListener(`htmx:${name}`, failed);

  /* Words typed since the draft was kept are not kept yet. */
  let typed = false;
  document.body.addEventListener("input", (event) => {
    typed = true;
    if (event.target.form) every("[data-kept]", (one) => one.classList.add("unsure"));
  });
  document.body.addEventListener("htmx:beforeRequest", (event) => { if (event.detail.elt.dataset.keeps) typed = false; });
  document.body.addEventListener("htmx:afterRequest", ({ detail: { elt, successful } }) => {
    if (!successful) return;
    every(elt.dataset.fresh, (one) => { one.hidden = false; });
    if (elt.dataset.keeps && !typed) every("[data-kept]", (one) => one.classList.remove("unsure"));
    failing.delete(elt);
    tell();
  });

  /* A hidden tab lets go: a browser keeps six connections to a site, and tabs pile up. */
  const live = document.querySelector("[data-live]");
  let source = null;
  const listen = () => {
    source = new EventSource(live.dataset.live);
    source.onopen = () => { cut = false; tell(); };
    source.onmessage = () => htmx.trigger(live, "live");
    source.onerror = () => { cut = true; tell(); };
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
