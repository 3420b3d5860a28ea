// What the theme leaves out, on every page: paper is light, and a button that was pressed by a key keeps the focus.
const page = document.documentElement;
let theme = null;                                      // the reader's, while the page is printed
addEventListener("beforeprint", () => {
  theme ??= page.dataset.theme ?? null;
  page.dataset.theme = "light";
});
addEventListener("afterprint", () => {
  if (theme) page.dataset.theme = theme;
  theme = null;
});

document.addEventListener("click", (event) => {        // sphinx-book-theme takes the focus from four of its buttons
  const button = event.target.closest?.("button");
  if (!button || event.detail > 0) return;
  setTimeout(() => document.activeElement === document.body && button.checkVisibility() && button.focus());
}, true);
