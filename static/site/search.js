// The search box: suggestions while a person types (an ARIA combobox), and "/" to get there.
// Without this file it is a plain form.
import { plural } from "./format.js";

const DEBOUNCE_MS = 150;

export function search() {
  return {
    timer: 0,
    abort: null,
    options: [],
    active: -1,

    init() {
      const { words, list, hint } = this.$refs;
      hint.hidden = false;
      words.setAttribute("role", "combobox");
      words.setAttribute("aria-autocomplete", "list");
      words.setAttribute("aria-controls", list.id);
      words.setAttribute("aria-expanded", "false");
      words.setAttribute("aria-keyshortcuts", "/");
      this.onKey = (event) => this.jumpHere(event);
      document.addEventListener("keydown", this.onKey);
    },

    destroy() {
      clearTimeout(this.timer);
      document.removeEventListener("keydown", this.onKey);
    },

    jumpHere(event) {
      if (event.key !== "/" || event.defaultPrevented || document.fullscreenElement) return;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const { target } = event;
      if (target.isContentEditable || target.closest("input:not([type=range]), textarea, select, dialog")) return;
      event.preventDefault();
      this.$refs.words.focus();
      this.$refs.words.select();
    },

    typed() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), DEBOUNCE_MS);
    },

    async ask() {
      this.abort?.abort();
      const words = this.$refs.words.value.trim();
      if (!words) return this.close();
      this.abort = new AbortController();
      const { signal } = this.abort;
      try {
        const answer = await fetch(`/api/search/suggestions?${new URLSearchParams({ q: words })}`, { signal });
        if (!answer.ok) return this.close();
        const { suggestions } = await answer.json();
        if (!signal.aborted) this.show(suggestions);
      } catch {
        // Suggestions are a help, not the search: without them Enter still works.
        if (!signal.aborted) this.close();
      }
    },

    show(suggestions) {
      if (!this.$root.contains(document.activeElement)) return;
      this.options = suggestions.map(optionOf);
      this.$refs.list.replaceChildren(...this.options);
      this.open(suggestions.length > 0);
      this.$refs.news.textContent = suggestions.length
        ? `${plural(suggestions.length, "suggestion")}. Use the arrow keys to choose.`
        : "No suggestions. Press Enter to search.";
    },

    open(isOpen) {
      this.$refs.list.hidden = !isOpen;
      this.$refs.words.setAttribute("aria-expanded", String(isOpen));
      this.choose(-1);
    },

    close() {
      clearTimeout(this.timer);
      this.abort?.abort();
      this.options = [];
      this.$refs.news.textContent = "";
      this.open(false);
    },

    choose(index) {
      this.options[this.active]?.setAttribute("aria-selected", "false");
      this.active = index;
      const option = this.options[index];
      if (!option) return this.$refs.words.removeAttribute("aria-activedescendant");
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      this.$refs.words.setAttribute("aria-activedescendant", option.id);
    },

    pressed(event) {
      if (event.isComposing) return;
      if (event.key === "Escape") {
        event.preventDefault();
        if (this.$refs.list.hidden) this.$refs.words.value = "";
        this.close();
      } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (this.$refs.list.hidden) this.ask();
        else this.choose(next(this.active, this.options.length, event.key === "ArrowDown"));
      } else if (event.key === "Enter" && this.active >= 0) {
        event.preventDefault();
        this.go(this.options[this.active]);
      }
    },

    // Closed first, or it would be open when the person comes back.
    go({ dataset }) {
      this.close();
      location.assign(dataset.url);
    },

    // The box keeps the focus while the mouse is in the list.
    held(event) {
      event.preventDefault();
    },

    picked(event) {
      const option = event.target.closest("[role=option]");
      if (option) this.go(option);
    },

    left(event) {
      if (!this.$root.contains(event.relatedTarget)) this.close();
    },
  };
}

// Round and round, through the box itself, where nothing is chosen.
function next(active, count, forward) {
  if (forward) return active + 1 < count ? active + 1 : -1;
  return active >= 0 ? active - 1 : count - 1;
}

function optionOf({ kind, text, url }, index) {
  const option = document.createElement("li");
  option.id = `search-option-${index}`;
  option.className = "search-option";
  option.setAttribute("role", "option");
  option.setAttribute("aria-selected", "false");
  option.dataset.url = url;
  const name = document.createElement("span");
  name.className = "truncate";
  name.dir = "auto";
  name.textContent = text;
  option.append(name);
  if (kind === "category") {
    const label = document.createElement("span");
    label.className = "search-kind";
    label.textContent = "Category";
    option.append(label);
  }
  return option;
}
