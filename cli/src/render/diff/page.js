"use strict";
// Hides what has not all words of the search; a hit within a fold is unfolded.
const search = document.getElementById("search");
const found = document.getElementById("found");
const items = [...document.querySelectorAll(".item")];
const texts = items.map((item) => item.textContent.toLowerCase());
const folds = items.filter((item) => item.tagName === "DETAILS");
let timer = 0;
function apply() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  items.forEach((item, at) => {
    const hit = words.every((word) => texts[at].includes(word));
    item.hidden = !hit;
    if (hit) shown += 1;
    if (item.tagName !== "DETAILS") return;
    const summary = item.firstElementChild.textContent.toLowerCase();
    item.open = words.length > 0 && hit && !words.every((word) => summary.includes(word));
    for (const line of item.querySelectorAll("li")) {
      const text = line.textContent.toLowerCase();
      line.hidden = item.open && !words.some((word) => text.includes(word));
    }
  });
  found.value = words.length > 0 ? shown + " of " + items.length : "";
}
search.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(apply, 120); });
search.addEventListener("keydown", (event) => { if (event.key === "Escape") { search.value = ""; apply(); } });
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== search) { event.preventDefault(); search.focus(); }
});
document.getElementById("open").addEventListener("click", () => folds.forEach((fold) => { fold.open = true; }));
document.getElementById("close").addEventListener("click", () => folds.forEach((fold) => { fold.open = false; }));
