// Keys for the desk. They press what stands on the page: [data-key="h"] is a link, a button or a field.
// In a list, j and k move from one [data-row] to the next; a, h and r then act on the one that has the focus.
(() => {
  const OFF = "kept-desk-keys-off";
  const SAME = { j: "n", k: "p" };
  const all = (what) => [...document.querySelectorAll(what)].filter((one) => one.checkVisibility());
  const list = document.querySelector("[data-keys-list]");
  const hint = document.querySelector("[data-keys-hint]");
  const turn = document.querySelector("[data-keys-switch]");
  if (!list || !hint || !turn) return;

  const off = () => localStorage.getItem(OFF) !== null;
  const say = () => { turn.textContent = off() ? "Turn the keys on" : "Turn the keys off"; };
  hint.hidden = false;
  say();
  turn.addEventListener("click", () => {
    if (off()) localStorage.removeItem(OFF); else localStorage.setItem(OFF, "1");
    say();
  });

  const row = () => document.activeElement?.closest("tr")?.querySelector("[data-row]");
  const step = (by) => {
    const rows = all("[data-row]");
    const at = rows.indexOf(row());
    const to = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + by, 0), rows.length - 1)];
    to?.focus();
  };
  const press = (one) => { if (one.matches("input, textarea, select")) one.focus(); else one.click(); };
  const go = (address) => { if (address) location.assign(address); };

  function act(key) {
    const marked = all(`[data-key="${key}"]`)[0];
    if (marked) { press(marked); return true; }
    const here = row();
    switch (key) {
      case "n": step(1); return true;
      case "p": step(-1); return true;
      case "o": here?.click(); return Boolean(here);
      case "a": here?.closest("tr").querySelector("[data-take]")?.click(); return Boolean(here);
      case "h": go(here?.dataset.hold); return Boolean(here);
      case "r": go(here?.dataset.reply); return Boolean(here);
      default: return false;
    }
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || off() || list.open) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key === "?") { list.showModal(); event.preventDefault(); return; }
    const key = SAME[event.key] ?? event.key;
    if (/^[a-z/]$/.test(key) && act(key)) event.preventDefault();
  });

  // The list is drawn anew when something changed: whoever stood on a row stands on it again.
  let stood = null;
  document.addEventListener("htmx:beforeSwap", () => { stood = row()?.dataset.row ?? null; });
  document.addEventListener("htmx:afterSwap", () => {
    if (stood) document.querySelector(`[data-row="${stood}"]`)?.focus();
    stood = null;
  });
})();
