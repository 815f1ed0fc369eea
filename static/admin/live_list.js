// A list that the server renders, kept as it is now: after news, after a click on another page of
// it, after the filters were changed. The address says what is shown. Mixed into components.
import { NO_ANSWER } from "./api.js";

const TYPING_MS = 250;

export function liveList() {
  return {
    news: "",
    trouble: "",
    turn: 0,

    startList() {
      this.list = this.$root.querySelector("[data-videos]");
      this.$root.addEventListener("click", (event) => this.navigated(event));
      this.onBack = () => this.go(location.href, { history: "none" });
      window.addEventListener("popstate", this.onBack);
      const form = this.$root.querySelector("[data-filters]");
      if (!form) return;
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.filtered(form);
      });
      form.addEventListener("input", ({ target }) => {
        clearTimeout(this.typing);
        const wait = target.type === "search" ? TYPING_MS : 0;
        this.typing = setTimeout(() => this.filtered(form, target.type === "search"), wait);
      });
    },

    endList() {
      window.removeEventListener("popstate", this.onBack);
      clearTimeout(this.typing);
    },

    navigated(event) {
      const link = event.target.closest("a[data-nav]");
      if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      this.go(link.href, { top: link.closest("nav") !== null });
    },

    filtered(form, typing = false) {
      clearTimeout(this.typing);
      const url = addressOf(form);
      if (url === location.pathname + location.search) return;
      // Each letter that is typed is no step to come back to.
      this.go(url, { history: typing && this.typed ? "replace" : "push" });
      this.typed = typing;
    },

    // Shows what is at an address of this list.
    async go(url, { history: step = "push", top = false } = {}) {
      if (step === "push") history.pushState(null, "", url);
      if (step === "replace") history.replaceState(null, "", url);
      this.turn += 1;
      const page = await this.fetched(url);
      if (!page) return;
      this.adopt(page);
      this.adoptFilters(step === "none" || !url.includes("?"));
      const count = page.querySelector("[data-part=count]").textContent.trim();
      this.news = `${count} ${count === "1" ? "video" : "videos"} found`;
      if (top) this.$root.querySelector("[tabindex='-1']").focus();
    },

    // What the list is now, where it is.
    async refresh() {
      const page = await this.fetched(location.href);
      if (page) this.adopt(page);
    },

    // Some rows as they are now.
    async refreshRows(ids) {
      const shown = ids.filter((id) => this.rowOf(id));
      if (shown.length === 0) return;
      const page = await this.fetched(`${location.pathname}?${new URLSearchParams({ ids: shown.join(",") })}`);
      if (page) for (const row of rowsOf(page)) this.replaceRow(row);
    },

    // The page at an address; nothing where that cannot be had, or where another one was chosen.
    async fetched(url) {
      const { turn } = this;
      try {
        const answer = await fetch(url, { headers: { Accept: "text/html" } });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        if (turn !== this.turn) return null;
        if (!page.querySelector("[data-videos]")) throw new Error(page.querySelector("main p")?.textContent ?? NO_ANSWER);
        this.trouble = "";
        return page;
      } catch (error) {
        if (turn === this.turn) this.trouble = error instanceof TypeError ? NO_ANSWER : error.message;
        return null;
      }
    },

    adopt(page) {
      const fresh = rowsOf(page);
      const ids = new Set(fresh.map(({ dataset }) => dataset.videoId));
      for (const row of rowsOf(this.$root)) if (!ids.has(row.dataset.videoId)) row.remove();
      fresh.forEach((row, place) => {
        const kept = this.replaceRow(row) ?? document.importNode(row, true);
        if (this.list.children[place] !== kept) this.list.insertBefore(kept, this.list.children[place] ?? null);
      });
      for (const part of this.$root.querySelectorAll("[data-part]")) adoptPart(part, page);
      this.listChanged?.();
    },

    // Puts a row in the place of the one it is about, and keeps what a person does there.
    replaceRow(fresh) {
      const old = this.rowOf(fresh.dataset.videoId);
      if (!old || old.outerHTML === fresh.outerHTML) return old;
      const row = document.importNode(fresh, true);
      const box = row.querySelector("[data-select]");
      if (box) box.checked = old.querySelector("[data-select]").checked;
      const focused = old.contains(document.activeElement) ? document.activeElement : null;
      old.replaceWith(row);
      if (focused) row.querySelector(sameAs(focused))?.focus();
      if (old.dataset.status !== row.dataset.status) this.statusChanged?.(row.dataset);
      return row;
    },

    rowOf(id) {
      return this.list.querySelector(`:scope > [data-video-id="${id}"]`);
    },

    // After the back button the fields say what the address says.
    adoptFilters(all) {
      const form = this.$root.querySelector("[data-filters]");
      if (!form) return;
      const asked = new URLSearchParams(location.search);
      for (const field of form.elements) {
        if (!field.name || (!all && field.name !== "sort")) continue;
        field.value = asked.get(field.name) ?? (field.name === "sort" ? "newest" : "");
      }
    },
  };
}

function rowsOf(root) {
  return [...root.querySelectorAll("[data-videos] > [data-video-id]")];
}

function adoptPart(part, page) {
  const fresh = page.querySelector(`[data-part="${part.dataset.part}"]`);
  if (!fresh) return;
  part.hidden = fresh.hidden;
  if (part.href) part.href = fresh.href;
  // What has the list in it is not changed as a whole.
  if (fresh.querySelector("[data-videos]") || fresh.matches("[data-videos]") || part.innerHTML === fresh.innerHTML) return;
  const focused = part.contains(document.activeElement) ? document.activeElement : null;
  part.innerHTML = fresh.innerHTML;
  if (focused) part.querySelector(sameAs(focused))?.focus();
}

function sameAs(element) {
  const marked = ["[data-select]", "[data-select-all]"].find((mark) => element.matches(mark));
  return marked ?? `[data-key="${element.dataset.key}"]`;
}

// Only what is not usual is in the address.
function addressOf(form) {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value.trim() && !(name === "sort" && value === "newest")) query.set(name, value.trim());
  return query.size ? `${form.getAttribute("action")}?${query}` : form.getAttribute("action");
}
