// A bar on the cards of videos that were watched in this browser.
import { places, shareWatched } from "./places.js";

export function showWatchedBars() {
  if (Object.keys(places()).length === 0) return;
  mark(document);
  const watcher = new MutationObserver((changes) => {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) if (node.nodeType === Node.ELEMENT_NODE) mark(node);
    }
  });
  watcher.observe(document.querySelector("main"), { childList: true, subtree: true });
}

function mark(root) {
  for (const link of root.querySelectorAll(".card-link[href^='/watch/']")) {
    const poster = link.closest(".card")?.querySelector(".card-poster");
    const share = shareWatched(decodeURIComponent(new URL(link.href).pathname.split("/")[2]));
    if (!poster || !share || poster.querySelector(".card-watched")) continue;
    const bar = document.createElement("span");
    bar.className = "card-watched";
    bar.style.setProperty("--share", String(share));
    const words = document.createElement("span");
    words.className = "sr-only";
    words.textContent = share === 1 ? "Watched" : `${Math.round(share * 100)}% watched`;
    bar.append(words);
    poster.append(bar);
  }
}
