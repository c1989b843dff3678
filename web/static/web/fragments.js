// Fetches htmx (a third of a first visit) only for pages that ask for it, and teaches it to swap by `morph`.
import { morph } from "./morph.js";

const ASKS = "[hx-get], [hx-post], [hx-put], [hx-patch], [hx-delete]";
let loading = null;

const complete = () =>
  new Promise((done) => {
    if (document.readyState === "complete") done();
    else window.addEventListener("load", done, { once: true });
  });

async function load() {
  // Between DOMContentLoaded and load, htmx would wait for an event that is already over and miss its settings.
  await complete();
  await new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = document.querySelector('meta[name="htmx"]').content;
    script.onload = done;
    script.onerror = failed;
    document.head.append(script);
  });
  window.htmx.defineExtension("morph", {
    isInlineSwap: (style) => style === "morph",
    handleSwap(style, target, fragment) {
      if (style !== "morph") return false;
      const fresh = fragment.firstElementChild;
      if (fresh) morph(target, fresh);
      return [target];
    },
  });
}

/** Let htmx take care of the page's fragments, the ones that came with the last refresh included. */
export async function attend() {
  if (!document.querySelector(ASKS)) return;
  loading ??= load();
  await loading;
  window.htmx.process(document.body);
}

/** Whether htmx itself fetches `region` when its subject changes. */
export const asksItself = (region) =>
  Boolean(window.htmx) && Boolean(region.getAttribute("hx-trigger")?.includes("muster:changed"));
