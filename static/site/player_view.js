// What a person sees of the player's state.
import { clock } from "./format.js";
import { rungLabel } from "./player_rungs.js";

const IDLE_MS = 2800;
const MARK_MS = 900;
const SPINNER_AFTER_MS = 300;
const LONG_WAIT_MS = 8000;
const CUT_SHORT = "The rest of this video could not be prepared. This is as far as it goes.";

export class PlayerView {
  constructor(controls) {
    this.controls = controls;
    this.player = controls.player;
    this.video = controls.video;
    this.root = controls.root;
    this.parts = controls.parts;
    this.wire();
  }

  wire() {
    const { video, player, root, parts } = this;
    for (const type of ["timeupdate", "progress", "durationchange", "seeking", "loadedmetadata"]) {
      video.addEventListener(type, () => this.draw());
    }
    for (const type of ["play", "pause", "playing", "waiting", "seeked", "ended", "canplay"]) {
      video.addEventListener(type, () => this.drawState());
    }
    // Sound alone keeps its picture.
    video.addEventListener("loadeddata", () => parts.poster?.toggleAttribute("hidden", video.videoWidth > 0));
    for (const type of ["qualities", "quality"]) player.addEventListener(type, () => this.drawQuality());
    for (const type of ["reloaded", "cut"]) player.addEventListener(type, () => this.drawState());
    player.addEventListener("place", () => this.draw());
    player.addEventListener("waiting", () => this.onAwaiting());
    player.addEventListener("trouble", () => this.onTrouble());
    player.addEventListener("calm", () => this.note(""));
    player.addEventListener("failure", () => this.drawFailure());
    for (const type of ["pointermove", "pointerdown", "focusin", "keydown"]) {
      root.addEventListener(type, (event) => event.pointerType !== "touch" && this.wake());
    }
    root.addEventListener("pointerleave", () => this.rest());
  }

  // ---- the bar comes and goes

  wake() {
    this.root.removeAttribute("data-idle");
    clearTimeout(this.idleTimer);
    this.idleTimer = setTimeout(() => this.rest(), IDLE_MS);
  }

  rest() {
    const focused = this.root.querySelector(".player-bar :focus-visible, .player-menu :focus-visible");
    const hovered = this.parts.bar.matches(":hover") && matchMedia("(hover: hover)").matches;
    const { menu, seekBar } = this.controls;
    if (this.player.wantsPause || menu.open || seekBar.dragging || focused || hovered) return;
    this.root.setAttribute("data-idle", "");
  }

  toggleBar() {
    if (this.root.hasAttribute("data-idle")) this.wake();
    else if (!this.player.wantsPause) this.root.setAttribute("data-idle", "");
  }

  // ---- drawing

  draw() {
    const { parts, player } = this;
    const { seekBar } = this.controls;
    const now = seekBar.dragging ? Number(parts.seek.value) : player.place;
    parts.now.textContent = clock(now);
    if (player.duration) parts.total.textContent = clock(player.duration);
    parts.chapter.textContent = seekBar.chapterAt(now)?.[1] ?? "";
    seekBar.draw(now);
  }

  drawState() {
    const { parts, player, video } = this;
    const paused = player.wantsPause;
    setToggle(parts.play, !paused, "Pause", "Play");
    const failed = !parts.failure.hidden;
    parts.big.hidden = failed || !paused || player.reloading || (video.currentTime > 0 && player.wanted && !video.ended);
    this.drawWaiting(!paused && !failed && !player.reloading && player.awaited === null && video.readyState < 3);
    if (paused) this.root.removeAttribute("data-idle");
    else this.wake();
  }

  drawWaiting(waiting) {
    const { player, video, parts } = this;
    clearTimeout(this.spinnerTimer);
    const atEdge = waiting && player.wanted && player.growing && player.playableEnd - video.currentTime < 1.5;
    if (atEdge) this.note(player.cutShort ? CUT_SHORT : "The next part is being prepared. It goes on by itself.");
    else if (this.atEdge) this.note("");
    this.atEdge = atEdge;
    if (!waiting) {
      parts.spinner.hidden = true;
      clearTimeout(this.longTimer);
      this.longTimer = 0;
      if (this.waitsLong) this.note("");
      this.waitsLong = false;
      return;
    }
    this.spinnerTimer = setTimeout(() => (parts.spinner.hidden = atEdge), SPINNER_AFTER_MS);
    this.longTimer ||= setTimeout(() => this.onLongWait(), LONG_WAIT_MS);
  }

  // Nobody looks at a wheel for ever without a word.
  onLongWait() {
    if (this.atEdge || this.parts.note.textContent) return;
    this.waitsLong = true;
    if (navigator.onLine) this.note("Still loading. The connection seems slow.");
    else this.onTrouble();
  }

  drawVolume() {
    const { video, parts } = this;
    const silent = video.muted || video.volume === 0;
    setToggle(parts.mute, silent, "Sound on", "Mute");
    parts.volume.value = String(silent ? 0 : video.volume);
    parts.volume.setAttribute("aria-valuetext", `${Math.round((silent ? 0 : video.volume) * 100)}%`);
  }

  drawQuality() {
    const { player, parts } = this;
    const current = player.quality;
    const auto = current ? `Auto (${rungLabel(current)})` : "Auto";
    const name = player.chosenQuality === "auto" ? auto : rungLabel(player.chosenQuality);
    parts["quality-name"].textContent = player.qualities.length ? name : "";
  }

  drawFailure() {
    const { parts, player } = this;
    const { kind, sentence } = player.recovery;
    if (kind) this.note("");
    parts["failure-text"].textContent = sentence ?? "";
    parts.again.hidden = kind === "gone" || kind === "unsupported";
    parts.failure.hidden = !kind;
    this.drawState();
  }

  onTrouble() {
    this.note(navigator.onLine ? "The connection was lost. Trying again …" : "You are offline. What is loaded still plays.");
  }

  onAwaiting() {
    this.note(`${clock(this.player.startAt)} is still being prepared. It starts by itself as soon as it is there.`);
    this.drawState();
  }

  // ---- words on the picture

  say(mark, spokenMark = mark) {
    this.pin(mark, spokenMark);
    this.markTimer = setTimeout(() => this.unpin(), MARK_MS);
  }

  pin(mark, spokenMark = mark) {
    clearTimeout(this.markTimer);
    this.parts.mark.textContent = mark;
    this.parts.mark.hidden = false;
    this.announce(spokenMark);
  }

  unpin() {
    this.parts.mark.hidden = true;
  }

  announce(text) {
    this.parts.live.textContent = text;
  }

  note(text, milliseconds = 0) {
    clearTimeout(this.noteTimer);
    if (text && this.parts.note.textContent !== text) this.announce(text);
    this.parts.note.textContent = text;
    this.parts.note.hidden = !text;
    if (milliseconds) this.noteTimer = setTimeout(() => this.note(""), milliseconds);
  }
}

export function setToggle(button, on, labelOn, labelOff) {
  button.dataset.on = String(on);
  const label = on ? labelOn : labelOff;
  button.setAttribute("aria-label", label);
  button.title = button.dataset.key ? `${label} (${button.dataset.key})` : label;
}
