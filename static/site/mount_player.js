import "./analytics.js";
import { connectMediaSession } from "./media_session.js";
import { keepPlace, placeOf } from "./places.js";
import { Player } from "./player.js";
import { PlayerControls } from "./player_controls.js";
import { clock } from "./format.js";

const KEEP_EVERY_MS = 5000;

// `start`: seconds that somebody asked for; otherwise it goes on where this browser left off.
export function mountPlayer(root, { autoplay = false, start = null, resume = false } = {}) {
  if (root.vlogPlayer) return root.vlogPlayer;
  const player = new Player(root);
  const controls = new PlayerControls(player);
  player.controls = controls;
  connectMediaSession(controls);
  if (resume) rememberPlace(player);
  const left = resume && start === null ? placeOf(root.dataset.slug) : 0;
  player.beginAt(start ?? left);
  if (left) greet(controls, left);
  player
    .open()
    .then(() => autoplay && !player.failure && player.play())
    .catch(() => {});
  return player;
}

function greet({ view, video }, seconds) {
  view.note(`Goes on at ${clock(seconds)}. Press 0 to begin anew.`);
  video.addEventListener("playing", () => view.note(""), { once: true });
}

function rememberPlace(player) {
  const { video, root } = player;
  let last = 0;
  const keep = () => player.wanted && !player.reloading && keepPlace(root.dataset.slug, video.currentTime, player.duration);
  video.addEventListener("timeupdate", () => {
    if (performance.now() - last < KEEP_EVERY_MS) return;
    last = performance.now();
    keep();
  });
  for (const type of ["pause", "ended"]) video.addEventListener(type, keep);
  window.addEventListener("pagehide", keep);
}
