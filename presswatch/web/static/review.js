// Beside what the page can do without: keys that press the buttons of the story in hand.
const buttons = { t: "take", x: "leave", u: "up", d: "down" };
const items = [...document.querySelectorAll("[data-item]")];
const inHand = () => items.findIndex((one) => one.contains(document.activeElement));
const asked = document.getElementById(location.hash.slice(1));
if (asked && items.includes(asked)) asked.focus();
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("textarea, select, input:not([type=checkbox])")) return;
  const at = inHand();
  const item = items[at];
  if (event.key === "j" || event.key === "k") {
    items[at < 0 ? 0 : Math.min(Math.max(at + (event.key === "j" ? 1 : -1), 0), items.length - 1)]?.focus();
  } else if (item && buttons[event.key]) {
    item.querySelector(`button[name=${buttons[event.key]}]:not(:disabled)`)?.click();
  } else if (item && event.key === "m") {
    item.querySelector("input[name=mark]")?.click();
  } else if (item && event.key === "a") {
    item.querySelector("textarea")?.focus();
  } else {
    return;
  }
  event.preventDefault();
});
