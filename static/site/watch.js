import Alpine from "@alpinejs/csp";

import { CaptionsGrowth } from "./captions_growth.js";
import { growth } from "./growth.js";
import { previewCards } from "./hover_preview.js";
import { mountPlayer } from "./mount_player.js";
import { secondsOf } from "./places.js";
import { search } from "./search.js";
import { followSeekLinks } from "./seek_links.js";
import { openShare } from "./share.js";
import { TranscriptPanel } from "./transcript.js";
import { showWatchedBars } from "./watched_bars.js";

const root = document.querySelector("[data-player]");
if (root) {
  const start = secondsOf(new URL(location.href).searchParams.get("t"));
  const player = mountPlayer(root, { autoplay: cameFromHere(), start, resume: true });
  followSeekLinks(player);
  new CaptionsGrowth(player, new TranscriptPanel(player)).begin();
  openShare(player);
}
previewCards();
showWatchedBars();

Alpine.data("search", search);
Alpine.data("growth", growth);
Alpine.start();

// Who clicked on a card wants to see the video; who opened a link may not expect sound.
function cameFromHere() {
  const here = document.referrer.startsWith(`${location.origin}/`);
  const reloaded = performance.getEntriesByType("navigation")[0]?.type === "reload";
  return here && !reloaded && !matchMedia("(prefers-reduced-motion: reduce)").matches;
}
