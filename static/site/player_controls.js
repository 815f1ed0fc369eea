// What a person does with a player: every button, key and finger ends here.
import { clock } from "./format.js";
import { NextVideo } from "./next_video.js";
import { offerRemotePlayback } from "./player_remote.js";
import { PlayerCaptions } from "./player_captions.js";
import { PlayerHeat } from "./player_heat.js";
import { shortcutOf } from "./player_keys.js";
import { PlayerMenu, SPEEDS } from "./player_menu.js";
import { PlayerTouch } from "./player_touch.js";
import { PlayerView, setToggle } from "./player_view.js";
import { prefer, preference } from "./preferences.js";
import { SeekBar } from "./player_seek_bar.js";

const PARTS = [
  "poster", "captions", "spinner", "big", "note", "mark", "live", "bar", "seek-box", "coming", "playable", "buffered",
  "played", "gaps", "seek", "tip", "tip-picture", "tip-chapter", "tip-time", "play", "mute", "volume", "now", "total",
  "chapter", "captions-button", "settings", "quality-name", "pip", "airplay", "cast", "theatre", "full", "menu",
  "menu-list", "menu-page", "failure", "failure-text", "again", "help", "everywhere", "next", "next-text", "next-now",
  "next-stop", "heat-curve", "heat-said",
];
// A previous chapter is meant when the present one has hardly begun.
const CHAPTER_GRACE_SECONDS = 3;
const VISIBLE_SHARE = 0.4;

export class PlayerControls {
  constructor(player) {
    this.player = player;
    this.video = player.video;
    this.root = player.root;
    this.theatre = this.root.closest("[data-watch]");
    this.parts = Object.fromEntries(PARTS.map((name) => [name, this.root.querySelector(`[data-${name}]`)]));
    this.captions = new PlayerCaptions(player, this.parts.captions);
    this.seekBar = new SeekBar(this);
    this.heat = new PlayerHeat(this);
    this.view = new PlayerView(this);
    this.next = new NextVideo(this);
    this.menu = new PlayerMenu(this);
    this.touch = new PlayerTouch(this);
    offerRemotePlayback(player, this.parts);
    this.restoreVolume();
    this.wireButtons();
    this.wireKeys();
    this.parts.bar.hidden = false;
    this.view.draw();
    this.view.drawState();
  }

  // ---- playing

  toggle() {
    if (this.player.wantsPause || this.video.ended) this.player.resume().catch(() => this.view.drawState());
    else this.player.pause();
    this.view.drawState();
  }

  toggleSaying() {
    this.toggle();
    this.view.say(this.player.wantsPause ? "Paused" : "Playing");
  }

  seekTo(seconds) {
    const { cut } = this.player.seek(seconds);
    if (cut) this.view.note("That part is still being prepared.", 2500);
    this.view.draw();
  }

  skip(seconds) {
    this.seekTo(this.player.place + seconds);
    this.view.say(`${seconds > 0 ? "+" : "−"}${Math.abs(seconds)} s`, clock(this.player.place));
  }

  part(share) {
    this.seekTo(this.player.duration * share);
    this.view.say(share === 0 ? "Start" : share === 1 ? "End" : `${Math.round(share * 100)}%`);
  }

  // One picture on or back; only a paused picture can be looked at.
  step(direction) {
    if (!this.player.wantsPause) return;
    this.seekTo(this.player.place + direction * this.player.frameSeconds);
    this.view.say(direction > 0 ? "Next frame" : "Previous frame");
  }

  chapter(direction) {
    const { chapters } = this.seekBar;
    const now = this.player.place;
    const found = direction > 0
      ? chapters.find(([start]) => start > now + 0.1)
      : (chapters.findLast(([start]) => start < now - CHAPTER_GRACE_SECONDS) ?? chapters[0]);
    if (!found) return;
    this.seekTo(found[0]);
    this.view.say(found[1]);
  }

  faster(direction) {
    const rate = this.video.playbackRate;
    const speed = direction > 0 ? SPEEDS.find((one) => one > rate) : SPEEDS.findLast((one) => one < rate);
    if (speed) this.video.playbackRate = speed;
    this.view.say(`${this.video.playbackRate}×`, `Speed ${this.video.playbackRate}`);
  }

  // ---- sound

  setVolume(volume) {
    this.video.volume = Math.min(1, Math.max(0, volume));
    this.video.muted = this.video.volume === 0;
    this.rememberVolume();
  }

  louder(step) {
    this.setVolume((this.video.muted ? 0 : this.video.volume) + step);
    this.view.say(`Volume ${Math.round(this.video.volume * 100)}%`);
  }

  toggleMute() {
    this.video.muted = !this.video.muted;
    if (!this.video.muted && this.video.volume === 0) this.video.volume = 0.5;
    this.rememberVolume();
    this.view.say(this.video.muted ? "Muted" : "Sound on");
  }

  restoreVolume() {
    const volume = preference("volume", 1);
    if (volume >= 0 && volume <= 1) this.video.volume = volume;
    this.video.muted = preference("muted", false) || this.video.muted;
    this.view.drawVolume();
    this.video.addEventListener("volumechange", () => this.view.drawVolume());
  }

  // What a person chose here, not what an embedding page asked for.
  rememberVolume() {
    prefer("volume", this.video.volume);
    prefer("muted", this.video.muted);
  }

  // ---- captions and where the picture is

  toggleCaptions() {
    if (this.captions.tracks.length === 0) {
      this.view.say("No captions");
      return;
    }
    const track = this.captions.toggle();
    this.view.say(track ? `Captions: ${this.captions.labelOf(track)}` : "Captions off");
  }

  async toggleFull() {
    try {
      if (document.fullscreenElement) await document.exitFullscreen();
      else if (this.root.requestFullscreen) await this.root.requestFullscreen();
      else this.video.webkitEnterFullscreen?.();
    } catch {
      this.view.say("Full screen is not possible here");
    }
  }

  onFullScreen() {
    const on = document.fullscreenElement === this.root;
    setToggle(this.parts.full, on, "Leave full screen", "Full screen");
    // Esc closes an open menu first, where the browser leaves the key to the page.
    if (on) navigator.keyboard?.lock?.(["Escape"]).catch(() => {});
    else navigator.keyboard?.unlock?.();
    this.view.announce(on ? "Full screen" : "Full screen left");
  }

  toggleTheatre() {
    if (!this.theatre || document.fullscreenElement) return;
    const on = this.theatre.toggleAttribute("data-theatre");
    setToggle(this.parts.theatre, on, "Leave theatre mode", "Theatre mode");
    this.view.say(on ? "Theatre mode" : "Theatre mode left");
    if (on) this.root.scrollIntoView({ block: "nearest", behavior: "instant" });
  }

  async togglePictureInPicture() {
    try {
      if (document.pictureInPictureElement) await document.exitPictureInPicture();
      else await this.video.requestPictureInPicture();
    } catch {
      this.view.say("Picture in picture is not possible now");
    }
  }

  // ---- help, and the way out

  showHelp() {
    this.menu.hide();
    this.parts.help.showModal();
  }

  // True when there was something to close.
  closeTopmost() {
    if (this.menu.open) this.menu.back();
    else if (this.next.counting) this.next.stop();
    else if (document.fullscreenElement === this.root) document.exitFullscreen();
    else if (this.theatre?.hasAttribute("data-theatre")) this.toggleTheatre();
    else return false;
    return true;
  }

  // ---- wiring

  wireButtons() {
    const { parts } = this;
    parts.big.addEventListener("click", () => {
      this.toggle();
      parts.play.focus({ preventScroll: true, focusVisible: false });
    });
    parts.play.addEventListener("click", () => this.toggle());
    parts.mute.addEventListener("click", () => this.toggleMute());
    parts.volume.addEventListener("input", () => this.setVolume(Number(parts.volume.value)));
    parts.full.addEventListener("click", () => this.toggleFull());
    parts.pip.addEventListener("click", () => this.togglePictureInPicture());
    parts.pip.hidden = !document.pictureInPictureEnabled;
    parts.theatre.addEventListener("click", () => this.toggleTheatre());
    parts.theatre.hidden = !this.theatre;
    parts["captions-button"].addEventListener("click", () => this.toggleCaptions());
    this.captions.addEventListener("change", () => this.drawCaptions());
    this.drawCaptions();
    parts.again.addEventListener("click", () => {
      this.player.recovery.tryAgain().catch(() => {});
      parts.play.focus({ preventScroll: true });
    });
    document.addEventListener("fullscreenchange", () => this.onFullScreen());
  }

  drawCaptions() {
    const button = this.parts["captions-button"];
    button.hidden = this.captions.tracks.length === 0;
    button.setAttribute("aria-pressed", String(this.captions.chosen !== null));
  }

  wireKeys() {
    const { everywhere, help } = this.parts;
    everywhere.checked = preference("keysEverywhere", true);
    everywhere.addEventListener("change", () => prefer("keysEverywhere", everywhere.checked));
    help.addEventListener("click", (event) => event.target === help && help.close());
    new IntersectionObserver(([{ intersectionRatio }]) => (this.visible = intersectionRatio >= VISIBLE_SHARE), {
      threshold: [0, VISIBLE_SHARE],
    }).observe(this.root);
    document.addEventListener("keydown", (event) => this.onKey(event));
  }

  onKey(event) {
    const action = shortcutOf(event, this.root, { everywhere: this.parts.everywhere.checked, visible: this.visible });
    if (!action) return;
    const [name, value] = action;
    if (name === "closeTopmost" && !this.closeTopmost()) return;
    event.preventDefault();
    this.view.wake();
    if (name !== "closeTopmost") this[name](value);
  }
}
