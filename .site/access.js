// Names and ways in by keyboard for what Material's own script makes: it leaves them without.
const named = (element, name) => element.hasAttribute("aria-label") || element.setAttribute("aria-label", name);

function mend() {
  document.querySelectorAll(".md-search").forEach((search) => named(search, "Search"));
  document.querySelectorAll(".md-code__nav").forEach((buttons, index) => named(buttons, `Code block ${index + 1}`));
  document.querySelectorAll(".md-typeset__scrollwrap, .md-typeset pre > code").forEach((wide) => (wide.tabIndex = 0));
}

mend();
new MutationObserver(mend).observe(document.body, { childList: true, subtree: true });
