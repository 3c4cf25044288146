// Finding, unfolding and reading in the parameter tree. Without this script the tree is complete:
// folds are native <details>, and every parameter has its anchor.

const HIDDEN = "data-ref-hidden";
const FIELDS = ".ref-field, .ref-variant";
const OPEN_ALL = "全部展开";
const CLOSE_ALL = "全部收起";

class RefTree extends HTMLElement {
  #leave = new AbortController();
  #openBefore = /** @type {Set<HTMLDetailsElement> | null} */ (null);
  #status = document.createElement("span");
  #allOpen = false;

  connectedCallback() {
    this.#leave = new AbortController();
    const { signal } = this.#leave;
    this.querySelector(".ref-tools")?.remove();
    this.prepend(this.#renderTools());
    this.addEventListener("click", (event) => this.#copyLink(event), { signal });
    this.addEventListener("click", (event) => this.#choose(event), { signal });
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
    filter.placeholder = "筛选名字，嵌套的也行";
    filter.setAttribute("aria-label", "筛选参数");
    filter.addEventListener("input", () => this.#filter(filter.value));
    tools.append(filter);
    if (this.#folds().length) tools.append(this.#renderToggle());
    if (this.dataset.unit) tools.append(this.#renderEnglish(this.dataset.unit));
    this.#status = document.createElement("span");
    this.#status.setAttribute("role", "status");
    tools.append(this.#status);
    return tools;
  }

  #renderToggle() {
    const toggle = button(OPEN_ALL);
    toggle.addEventListener("click", () => {
      const open = toggle.textContent === OPEN_ALL;
      for (const fold of this.#folds()) fold.open = open;
      this.#allOpen = open;
      toggle.textContent = open ? CLOSE_ALL : OPEN_ALL;
    });
    return toggle;
  }

  /** The originals come when they are asked for: they would double the page. */
  #renderEnglish(/** @type {string} */ unit) {
    const toggle = button("英文原文");
    toggle.setAttribute("aria-pressed", "false");
    toggle.addEventListener("click", async () => {
      const show = toggle.getAttribute("aria-pressed") !== "true";
      toggle.setAttribute("aria-pressed", String(show));
      this.toggleAttribute("data-ref-english", show);
      if (!show || this.querySelector(".ref-original")) return;
      toggle.disabled = true;
      try {
        const answer = await fetch(new URL(`english/${unit}.json`, import.meta.url));
        if (!answer.ok) throw new Error(String(answer.status));
        this.#showOriginals(await answer.json());
      } catch {
        toggle.setAttribute("aria-pressed", "false");
        this.#status.textContent = "英文原文没有取到，检查网络后再点一次。";
      } finally {
        toggle.disabled = false;
      }
    });
    return toggle;
  }

  /** @param {Record<string, string>} originals HTML of the site's own build, by anchor. */
  #showOriginals(originals) {
    for (const [anchor, html] of Object.entries(originals)) {
      const field = document.getElementById(anchor)?.closest(FIELDS);
      if (!field || !this.contains(field)) continue;
      const original = document.createElement("div");
      original.className = "ref-english ref-original";
      original.lang = "en";
      original.innerHTML = html;
      const below = [...field.children].find((child) =>
        child.matches("details, .ref-choose, .ref-fields, .ref-variant"),
      );
      field.insertBefore(original, below ?? null);
    }
  }

  /** The folds that hold parameters. */
  #folds() {
    return /** @type {NodeListOf<HTMLDetailsElement>} */ (
      this.querySelectorAll("details.ref-nested, details.ref-variant")
    );
  }

  #filter(/** @type {string} */ text) {
    const query = text.trim().toLowerCase();
    const nodes = /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll(FIELDS));
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
      for (const inner of node.querySelectorAll(FIELDS)) kept.add(inner);
    }
    for (const node of nodes) if (!kept.has(node)) node.setAttribute(HIDDEN, "");
    for (const heading of this.querySelectorAll(":scope > h2")) {
      if (!hasVisibleField(heading)) heading.setAttribute(HIDDEN, "");
    }
    // Results start at the top; a reader who filters from further down would miss them.
    if (this.getBoundingClientRect().top < 0) this.scrollIntoView();
    this.#status.textContent = count ? `找到 ${count} 处` : "没有这个名字";
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

  /** The forms of a union are a switch: the one that is opened takes the place of the others. */
  #choose(/** @type {MouseEvent} */ event) {
    const summary = event.target instanceof Element && event.target.closest("summary");
    const chosen = summary && summary.parentElement;
    if (!(chosen instanceof HTMLDetailsElement) || !chosen.matches(".ref-variant")) return;
    // Everything was unfolded on purpose, or a search has unfolded what it found.
    if (chosen.open || this.#openBefore || this.#allOpen) return;
    const before = summary.getBoundingClientRect().top;
    for (const other of chosen.parentElement?.children ?? []) {
      if (other instanceof HTMLDetailsElement && other.matches(".ref-variant")) other.open = false;
    }
    // What closed above must not pull the form away from under the pointer.
    window.scrollBy(0, summary.getBoundingClientRect().top - before);
  }

  /** A name is a link to itself: following it puts the address where it can be passed on. */
  async #copyLink(/** @type {MouseEvent} */ event) {
    const link = event.target instanceof Element && event.target.closest("a");
    if (!(link instanceof HTMLAnchorElement)) return;
    const field = link.closest(FIELDS);
    if (!field || link.hash !== `#${anchorOf(field)}`) return;
    try {
      await navigator.clipboard.writeText(link.href);
      this.#status.textContent = "链接已复制";
    } catch {
      this.#status.textContent = "";
    }
  }
}

function button(/** @type {string} */ label) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = label;
  return made;
}

function anchorOf(/** @type {Element} */ field) {
  return field.id || field.querySelector(":scope > h3")?.id || "";
}

/** A name matches in part; with a dot in it, the query is compared with the end of the path. */
function matches(/** @type {Element} */ field, /** @type {string} */ query) {
  const path = `.${anchorOf(field).toLowerCase()}`;
  const from = query.includes(".") ? path.lastIndexOf(`.${query}`) : path.lastIndexOf(".");
  const rest = from < 0 ? "" : path.slice(from + 1);
  return query.includes(".")
    ? rest !== "" && !rest.slice(query.length).includes(".")
    : rest.includes(query);
}

function hasVisibleField(/** @type {Element} */ heading) {
  for (let next = heading.nextElementSibling; next && next.tagName !== "H2"; ) {
    if (next.matches(FIELDS) && !next.hasAttribute(HIDDEN)) return true;
    next = next.nextElementSibling;
  }
  return false;
}

customElements.get("ref-tree") ?? customElements.define("ref-tree", RefTree);
