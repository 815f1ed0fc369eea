// The pages of a list put one behind the other. Going back finds the same place again.
import { plural } from "./format.js";

// After so many the foot of the page can be reached again, and a press asks for more.
const BY_ITSELF = 4;
const AHEAD = "900px";

export function endless(results) {
  let list = results.querySelector("[data-cards]");
  let pages = 0;
  let loading = null;

  const observer = new IntersectionObserver(
    (entries) => entries.some(({ isIntersecting }) => isIntersecting) && pages < BY_ITSELF && more(),
    { rootMargin: AHEAD },
  );
  const nextLink = () => results.querySelector("[data-pages] a[rel=next]");

  function watch() {
    observer.disconnect();
    const link = nextLink();
    if (link && pages < BY_ITSELF) observer.observe(link);
  }

  function more() {
    loading ??= append().finally(() => {
      loading = null;
      watch();
    });
    return loading;
  }

  // The cards that came; none where there is no more, or no answer: the link then works as a link.
  async function append() {
    const link = nextLink();
    const cards = list;
    if (!link || !cards) return [];
    const answer = await fetch(link.href, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer?.ok) return [];
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (cards !== list) return [];
    const fresh = [...page.querySelectorAll("[data-cards] > *")];
    cards.append(...fresh);
    const bar = link.closest("[data-pages]");
    const last = page.querySelector("[data-pages] a[rel=next]");
    if (last) link.replaceWith(last);
    else if (bar.childElementCount === 1) bar.remove();
    else link.remove();
    pages += 1;
    results.querySelector("[data-pages-news]").textContent = `${plural(fresh.length, "more video")} below.`;
    results.dispatchEvent(new CustomEvent("vlog:cards", { bubbles: true }));
    return fresh;
  }

  results.addEventListener("click", async (event) => {
    const link = event.target.closest("[data-pages] a[rel=next]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const [first] = await more();
    if (first) first.querySelector("a").focus();
    else location.assign(link.href);
  });

  // Another list was put in place of this one.
  new MutationObserver(() => {
    const now = results.querySelector("[data-cards]");
    if (now === list) return;
    list = now;
    pages = 0;
    watch();
  }).observe(results, { childList: true });

  addEventListener("pagehide", () => {
    history.replaceState({ ...history.state, endless: pages ? { pages, top: scrollY } : undefined }, "");
  });

  restore();

  async function restore() {
    const { pages: wanted = 0, top = 0 } = history.state?.endless ?? {};
    if (wanted) history.scrollRestoration = "manual";
    while (pages < wanted && (await more()).length > 0);
    if (wanted) {
      scrollTo({ top, behavior: "instant" });
      history.scrollRestoration = "auto";
    }
    watch();
  }
}
