import "./analytics.js";
import { Player } from "./player.js";
import { PlayerControls } from "./player_controls.js";

export function mountPlayer(root, { autoplay = false } = {}) {
  if (root.vlogPlayer) return root.vlogPlayer;
  const player = new Player(root);
  new PlayerControls(player);
  player
    .open()
    .then(() => autoplay && !player.failure && player.play())
    .catch(() => {});
  return player;
}
