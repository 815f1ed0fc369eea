// Search as you type: the server's own page for the same address, put in place of the list.
const DEBOUNCE_MS = 250;

export function search() {
  return {
    timer: 0,
    abort: null,
    pushed: false,

    init() {
      this.list = document.querySelector("[data-results]");
      if (!this.list) return;
      this.pushed = new URL(location.href).searchParams.has("search");
      this.onBack = () => {
        const { searchParams } = new URL(location.href);
        this.$refs.words.value = searchParams.get("search") ?? "";
        this.pushed = searchParams.has("search");
        this.load(location.href);
      };
      window.addEventListener("popstate", this.onBack);
    },

    destroy() {
      window.removeEventListener("popstate", this.onBack);
    },

    typed() {
      if (!this.list) return;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.go(), DEBOUNCE_MS);
    },

    sent(event) {
      if (!this.list) return;
      event.preventDefault();
      clearTimeout(this.timer);
      this.go();
    },

    go() {
      const words = this.$refs.words.value.trim();
      const address = words ? `/?${new URLSearchParams({ search: words })}` : "/";
      if (address === location.pathname + location.search) return;
      if (this.pushed) history.replaceState(null, "", address);
      else history.pushState(null, "", address);
      this.pushed = Boolean(words);
      this.load(address);
    },

    async load(address) {
      this.abort?.abort();
      this.abort = new AbortController();
      this.list.setAttribute("aria-busy", "true");
      try {
        const answer = await fetch(address, {
          headers: { Accept: "text/html" },
          signal: this.abort.signal,
        });
        this.show(new DOMParser().parseFromString(await answer.text(), "text/html"));
      } catch (error) {
        if (error.name === "AbortError") return;
        this.$refs.count.textContent = "The search did not answer. Press Enter to try again.";
      }
      this.list.removeAttribute("aria-busy");
    },

    show(page) {
      const fresh = page.querySelector("[data-results]");
      if (!fresh) throw new Error("no list in the answer");
      this.list.replaceChildren(...fresh.childNodes);
      document.title = page.title;
      this.$refs.count.textContent = this.list.querySelector("[data-count]")?.dataset.count ?? "";
    },
  };
}
