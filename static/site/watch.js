import Alpine from "@alpinejs/csp";

import { growth } from "./growth.js";
import { mountPlayer } from "./mount_player.js";
import { search } from "./search.js";

for (const root of document.querySelectorAll("[data-player]")) mountPlayer(root, { autoplay: cameFromHere() });

Alpine.data("search", search);
Alpine.data("growth", growth);
Alpine.start();

// Who clicked on a card wants to see the video; who opened a link may not expect sound.
function cameFromHere() {
  const here = document.referrer.startsWith(`${location.origin}/`);
  const reloaded = performance.getEntriesByType("navigation")[0]?.type === "reload";
  return here && !reloaded && !matchMedia("(prefers-reduced-motion: reduce)").matches;
}
