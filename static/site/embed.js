// The player on another site's page, and what that page may ask of it. See docs/embedding.md.
import Alpine from "@alpinejs/csp";

import { CaptionsGrowth } from "./captions_growth.js";
import { growth } from "./growth.js";
import { mountPlayer } from "./mount_player.js";
import { secondsOf } from "./places.js";

const EVENTS = ["play", "pause", "timeupdate", "seeked", "ended", "volumechange", "ratechange"];
const root = document.querySelector("[data-player]");
const wishes = new URL(location.href).searchParams;
const player = mountPlayer(root, {
  autoplay: wished("autoplay"),
  start: secondsOf(wishes.get("start") ?? wishes.get("t")),
});
new CaptionsGrowth(player).begin();
player.video.loop = wished("loop");
if (wished("muted")) player.video.muted = true;
if (window.parent !== window) answerParent();

Alpine.data("growth", growth);
Alpine.start();

function wished(name) {
  return ["", "1", "true", "yes"].includes(wishes.get(name));
}

function answerParent() {
  const commands = {
    play: () => player.resume().catch(() => {}),
    pause: () => player.pause(),
    seek: (seconds) => Number.isFinite(seconds) && player.controls.seekTo(seconds),
    mute: () => (player.video.muted = true),
    unmute: () => (player.video.muted = false),
    volume: (share) => Number.isFinite(share) && player.controls.setVolume(share),
    rate: (rate) => rate >= 0.25 && rate <= 2 && (player.video.playbackRate = rate),
    state: () => tell("state"),
  };
  window.addEventListener("message", ({ source, data }) => {
    if (source !== window.parent || typeof data?.vlog !== "string") return;
    if (Object.hasOwn(commands, data.vlog)) commands[data.vlog](data.value);
  });
  for (const type of EVENTS) player.video.addEventListener(type, () => tell(type));
  player.addEventListener("failure", () => player.failure && tell("error", { reason: player.failure }));
  tell("ready");
}

// Nothing in it is a secret, so whichever page holds the frame may read it.
function tell(event, more = {}) {
  const { video, duration, place } = player;
  const state = {
    time: place,
    duration,
    paused: player.wantsPause,
    ended: video.ended,
    muted: video.muted,
    volume: video.volume,
    rate: video.playbackRate,
    slug: root.dataset.slug,
  };
  window.parent.postMessage({ vlog: event, ...more, state }, "*");
}
