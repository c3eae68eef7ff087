// Keys for the desk: [data-key="h"] is pressed by h. In a list j and k step from one [data-row] to the next.
(() => {
  const OFF = "kept-desk-keys-off";
  const one = (what, within = document) => within.querySelector(what);
  const seen = (what) => [...document.querySelectorAll(what)].filter((found) => found.checkVisibility());
  const keys = one("[data-keys-list]"), hint = one("[data-keys-hint]"), turn = one("[data-keys-switch]");
  if (!keys) return;

  const off = () => localStorage.getItem(OFF) !== null;
  const say = () => { turn.textContent = off() ? "Turn the keys on" : "Turn the keys off"; };
  hint.hidden = false;
  say();
  turn.addEventListener("click", () => { off() ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1"); say(); });

  const line = () => document.activeElement?.closest("tr");
  const row = () => line() && one("[data-row]", line());
  const step = (by) => {
    const rows = seen("[data-row]"), at = rows.indexOf(row());
    (rows[at < 0 && by < 0 ? rows.length - 1 : at + by] ?? row())?.focus();
  };
  const go = (address) => { if (address) location.assign(address); };
  const does = {
    n: () => step(1), j: () => step(1), p: () => step(-1), k: () => step(-1),
    o: () => row()?.click(), a: () => line() && one("[data-take]", line())?.click(),
    h: () => go(row()?.dataset.hold), r: () => go(row()?.dataset.reply), "?": () => keys.showModal(),
  };

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || off() || keys.open) return;
    if (event.target.closest("input, textarea, select")) return;
    const key = { j: "n", k: "p" }[event.key] ?? event.key;
    const marked = seen("[data-key]").find((found) => found.dataset.key === key);
    if (!marked && !does[key]) return;
    event.preventDefault();
    if (!marked) does[key](); else if (marked.matches("input")) marked.focus(); else marked.click();
  });

  // A list drawn anew: whoever stood on a row stands on it again.
  let stood;
  addEventListener("htmx:beforeSwap", () => { stood = row()?.dataset.row; });
  addEventListener("htmx:afterSwap", () => { if (stood) one(`[data-row="${stood}"]`)?.focus(); });
})();
