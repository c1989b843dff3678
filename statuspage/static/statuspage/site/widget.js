// Shows a status page's state on another site: <script src="https://status.example/widget.js" async></script>.
// A shadow tree of its own, no cookie, no storage, nothing sent but the request for summary.json beside this file.
(() => {
  const script = document.currentScript;
  const base = new URL(".", script.src);
  const given = /*texts*/{};
  const wished = (script.dataset.language || document.documentElement.lang || "").slice(0, 2).toLowerCase();
  const texts = given.languages[wished] ?? given.languages[given.own];
  const colours = { none: "#1d7a49", minor: "#b57700", major: "#c2560c", critical: "#c12b21", maintenance: "#2d5591" };
  const host = document.createElement("div");
  host.lang = given.languages[wished] ? wished : given.own;
  const shadow = host.attachShadow({ mode: "closed" });
  const style = new CSSStyleSheet();
  style.replaceSync(`
    :host { display: inline-block; font: 14px/1.4 system-ui, sans-serif; }
    a { display: inline-flex; flex-wrap: wrap; gap: .2em .6em; align-items: center; padding: .45em .9em; border: 1px solid #d5d8d1;
      border-radius: 99px; color: #17211f; background: #fff; text-decoration: none; }
    a:hover, a:focus-visible { border-color: currentcolor; }
    i { width: .75em; height: .75em; border-radius: 50%; background: #7a8683; }
    small { color: #56615f; }
    @media (prefers-color-scheme: dark) { a { color: #e9f0ee; background: #151d1c; border-color: #35413f; } small { color: #a9b6b3; } }
  `);
  shadow.adoptedStyleSheets = [style];
  const link = document.createElement("a");
  const dot = document.createElement("i");
  const word = document.createElement("span");
  const more = document.createElement("small");
  dot.ariaHidden = "true";
  link.append(dot, word, more);

  async function look() {
    try {
      const answer = await fetch(new URL("api/v2/summary.json", base), { credentials: "omit" });
      if (!answer.ok) throw new Error(String(answer.status));
      const { status, incidents } = await answer.json();
      link.href = base;
      dot.style.background = colours[status.indicator] ?? "#7a8683";
      word.textContent = texts.overall[status.description] ?? status.description;
      more.textContent = incidents.length ? incidents[0].name : "";
      if (!link.isConnected) shadow.append(link);
    } catch {
      if (link.isConnected) more.textContent = texts.stale;
    }
  }

  (script.dataset.into ? document.querySelector(script.dataset.into) : script.parentNode).append(host);
  look();
  setInterval(look, 60000);
})();
