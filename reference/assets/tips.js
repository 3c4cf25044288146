// What a linked parameter does, shown where it is linked: on hover, on focus, and on the first tap.
// Without this script the browser shows the same sentence as the link's title.

const LINK = "a[data-ref-tip], a.ref-link";
const TIP_ID = "ref-tip";

/** @type {HTMLElement | null} */
let tip = null;
/** @type {HTMLAnchorElement | null} */
let shownFor = null;
let hideLater = 0;
let touched = false;

function linkOf(/** @type {EventTarget | null} */ target) {
  const link = target instanceof Element ? target.closest(LINK) : null;
  return link instanceof HTMLAnchorElement ? link : null;
}

function sentenceOf(/** @type {HTMLAnchorElement} */ link) {
  // The browser's own tooltip would come on top of ours.
  if (link.title) {
    link.dataset.refTip = link.title;
    link.removeAttribute("title");
  }
  return link.dataset.refTip ?? "";
}

function show(/** @type {HTMLAnchorElement} */ link) {
  clearTimeout(hideLater);
  const sentence = sentenceOf(link);
  if (!sentence || shownFor === link) return;
  hide();
  tip = document.createElement("div");
  tip.id = TIP_ID;
  tip.className = "ref-tip";
  tip.setAttribute("role", "tooltip");
  tip.textContent = sentence;
  tip.addEventListener("pointerenter", () => clearTimeout(hideLater));
  tip.addEventListener("pointerleave", leave);
  document.body.append(tip);
  link.setAttribute("aria-describedby", TIP_ID);
  shownFor = link;
  place(link, tip);
}

/** Below the line the link stands on, or above it when there is no room. */
function place(/** @type {HTMLAnchorElement} */ link, /** @type {HTMLElement} */ box) {
  const line = link.getClientRects()[0] ?? link.getBoundingClientRect();
  const margin = 8;
  const left = Math.min(line.left, document.documentElement.clientWidth - box.offsetWidth - margin);
  const below = line.bottom + 6;
  const fits = below + box.offsetHeight + margin < window.innerHeight;
  box.style.left = `${Math.max(margin, left) + window.scrollX}px`;
  box.style.top = `${(fits ? below : line.top - box.offsetHeight - 6) + window.scrollY}px`;
}

function hide() {
  clearTimeout(hideLater);
  shownFor?.removeAttribute("aria-describedby");
  tip?.remove();
  tip = shownFor = null;
}

/** Not at once: the pointer may be on its way into the tip. */
function leave() {
  clearTimeout(hideLater);
  hideLater = window.setTimeout(hide, 200);
}

function setupTips() {
  document.addEventListener("pointerover", (event) => {
    const link = linkOf(event.target);
    if (link && event.pointerType === "mouse") show(link);
  });
  document.addEventListener("pointerout", (event) => {
    if (linkOf(event.target) && event.pointerType === "mouse") leave();
  });
  document.addEventListener("focusin", (event) => {
    const link = linkOf(event.target);
    // A tap focuses too; there the click decides.
    if (link && !touched) show(link);
  });
  document.addEventListener("focusout", (event) => {
    if (linkOf(event.target)) leave();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
  document.addEventListener("pointerdown", (event) => {
    touched = event.pointerType === "touch";
    if (tip && event.target !== tip && linkOf(event.target) !== shownFor) hide();
  });
  // Before the theme's own handler, which would follow the link.
  document.addEventListener(
    "click",
    (event) => {
      const link = linkOf(event.target);
      if (!link) return;
      if (!touched || shownFor === link || !sentenceOf(link)) {
        hide();
        return;
      }
      event.preventDefault();
      event.stopImmediatePropagation();
      show(link);
    },
    { capture: true },
  );
}

setupTips();
