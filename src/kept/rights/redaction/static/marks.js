// Keys for reviewing the marks of a text. Without this file, Tab, Space and Enter do the same.
const form = document.querySelector("form[data-marks]");
if (form) {
  const boxes = [...form.querySelectorAll("input[type=checkbox]")];
  const hint = form.querySelector("[data-keys]");
  if (hint) hint.hidden = false;
  const go = (step) => {
    const here = boxes.indexOf(document.activeElement);
    const next = boxes[here < 0 ? (step > 0 ? 0 : boxes.length - 1) : here + step];
    if (next) next.focus();
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("textarea, input:not([type=checkbox])");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "j") go(1);
    else if (event.key === "k") go(-1);
    else if (event.key === "x" && boxes.includes(document.activeElement)) document.activeElement.click();
    else if (event.key === "s") form.requestSubmit(form.querySelector("button:not([name])"));
    else return;
    event.preventDefault();
  });
}
