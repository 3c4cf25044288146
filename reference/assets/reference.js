// Finding and unfolding in the parameter tree. Without this script the tree is complete: folds are
// native <details>, and every parameter has its anchor.

const HIDDEN = "data-ref-hidden";

class RefTree extends HTMLElement {
  #leave = new AbortController();
  #openBefore = /** @type {Set<HTMLDetailsElement> | null} */ (null);
  #status = document.createElement("span");

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    this.querySelector(".ref-tools")?.remove();
    this.prepend(this.#renderTools());
    this.addEventListener("click", (event) => this.#copyLink(event), { signal });
    window.addEventListener("hashchange", () => this.#reveal(), { signal });
    // The theme scrolls to the anchor itself; folds have to be open by then.
    this.#reveal();
    requestAnimationFrame(() => this.#reveal());
  }

  disconnectedCallback() {
    this.#leave.abort();
  }

  #renderTools() {
    const tools = document.createElement("div");
    tools.className = "ref-tools";
    tools.setAttribute("role", "search");
    const filter = document.createElement("input");
    filter.type = "search";
    filter.placeholder = "筛选参数名，如 image_url 或 user.content";
    filter.setAttribute("aria-label", "筛选参数");
    filter.addEventListener("input", () => this.#filter(filter.value));
    const toggle = document.createElement("button");
    toggle.type = "button";
    toggle.textContent = "全部展开";
    toggle.addEventListener("click", () => {
      const open = toggle.textContent === "全部展开";
      for (const fold of this.#folds()) fold.open = open;
      toggle.textContent = open ? "全部收起" : "全部展开";
    });
    this.#status = document.createElement("span");
    this.#status.setAttribute("role", "status");
    tools.append(filter, toggle, this.#status);
    return tools;
  }

  /** The folds that hold parameters; English originals stay as the reader left them. */
  #folds() {
    return /** @type {NodeListOf<HTMLDetailsElement>} */ (
      this.querySelectorAll("details.ref-nested, details.ref-variant")
    );
  }

  #filter(/** @type {string} */ text) {
    const query = text.trim().toLowerCase();
    const nodes = /** @type {NodeListOf<HTMLElement>} */ (
      this.querySelectorAll("[data-ref-name]")
    );
    for (const node of this.querySelectorAll(`[${HIDDEN}]`)) node.removeAttribute(HIDDEN);
    if (!query) {
      this.#restore();
      this.#status.textContent = "";
      return;
    }
    this.#openBefore ??= new Set([...this.#folds()].filter((fold) => fold.open));
    for (const fold of this.#folds()) fold.open = false;
    const kept = new Set();
    let count = 0;
    for (const node of nodes) {
      if (!matches(node, query)) continue;
      count += 1;
      for (let up = /** @type {Element | null} */ (node); up && up !== this; up = up.parentElement) {
        kept.add(up);
        if (up !== node && up instanceof HTMLDetailsElement) up.open = true;
      }
      // What stands inside a match stays, folded.
      for (const inner of node.querySelectorAll("[data-ref-name]")) kept.add(inner);
    }
    for (const node of nodes) if (!kept.has(node)) node.setAttribute(HIDDEN, "");
    for (const heading of this.querySelectorAll(":scope > h2")) {
      if (!hasVisibleField(heading)) heading.setAttribute(HIDDEN, "");
    }
    // Results start at the top; a reader who filters from further down would miss them.
    if (this.getBoundingClientRect().top < 0) this.scrollIntoView();
    this.#status.textContent = count ? `找到 ${count} 处` : "没有这个名字的参数";
  }

  #restore() {
    if (!this.#openBefore) return;
    for (const fold of this.#folds()) fold.open = this.#openBefore.has(fold);
    this.#openBefore = null;
  }

  /** Open the folds around the parameter that the address names. */
  #reveal() {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = id && document.getElementById(id);
    if (!target || !this.contains(target)) return;
    let opened = false;
    for (let up = /** @type {Element | null} */ (target); up && up !== this; up = up.parentElement) {
      if (up instanceof HTMLDetailsElement && !up.open) opened = up.open = true;
    }
    if (opened) target.scrollIntoView();
  }

  async #copyLink(/** @type {MouseEvent} */ event) {
    const link = event.target instanceof Element && event.target.closest("a.headerlink");
    if (!(link instanceof HTMLAnchorElement)) return;
    try {
      await navigator.clipboard.writeText(link.href);
      this.#status.textContent = "链接已复制";
    } catch {
      this.#status.textContent = "";
    }
  }
}

/** A name matches in part; with a dot in it, the query is compared with the end of the path. */
function matches(/** @type {HTMLElement} */ node, /** @type {string} */ query) {
  const name = (node.dataset.refName ?? "").toLowerCase();
  if (!query.includes(".")) return name.includes(query);
  const id = (node.id || node.querySelector(":scope > h3")?.id || "").toLowerCase();
  return `.${id}`.includes(`.${query}`) && !`.${id}`.slice(`.${id}`.lastIndexOf(`.${query}`) + query.length + 1).includes(".");
}

function hasVisibleField(/** @type {Element} */ heading) {
  for (let next = heading.nextElementSibling; next && next.tagName !== "H2"; ) {
    if (next.matches("[data-ref-name]") && !next.hasAttribute(HIDDEN)) return true;
    next = next.nextElementSibling;
  }
  return false;
}

customElements.get("ref-tree") ?? customElements.define("ref-tree", RefTree);
