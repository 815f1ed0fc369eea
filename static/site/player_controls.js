// The control bar: real buttons and sliders over a Player.
import { clock, spoken } from "./format.js";
import { shortcutOf } from "./player_keys.js";
import { PlayerMenu } from "./player_menu.js";

const IDLE_MS = 2800;
const MARK_MS = 900;
const STORE = "vlog.player";

export class PlayerControls {
  constructor(player) {
    this.player = player;
    this.video = player.video;
    this.root = player.root;
    this.parts = Object.fromEntries(
      ["poster", "spinner", "big", "note", "mark", "live", "bar", "seek-box", "coming", "playable", "buffered",
        "played", "seek", "tip", "play", "mute", "volume", "now", "total", "settings", "quality-name", "pip",
        "full", "menu", "failure", "failure-text", "again"].map((name) => [name, this.root.querySelector(`[data-${name}]`)]),
    );
    this.menu = new PlayerMenu(player, this.parts.menu, this.parts.settings);
    this.dragging = false;
    this.restoreVolume();
    this.wireButtons();
    this.wireSeek();
    this.wireVideo();
    this.wirePlayer();
    this.wireIdle();
    document.addEventListener("keydown", (event) => this.onKey(event));
    this.parts.bar.hidden = false;
    this.parts.big.hidden = false;
    this.draw();
  }

  // ---- what a person does

  toggle() {
    if (this.player.wantsPause || this.video.ended) {
      this.player.resume().catch((error) => this.onRefused(error));
    } else {
      this.player.pause();
    }
    this.drawState();
  }

  onRefused(error) {
    if (error.name === "NotAllowedError") this.drawState();
  }

  skip(seconds) {
    this.seekTo(this.video.currentTime + seconds);
    this.say(`${seconds > 0 ? "+" : "−"}${Math.abs(seconds)} s`, `${clock(this.video.currentTime)}`);
  }

  seekTo(seconds) {
    this.player.beginLoading();
    const { cut } = this.player.seek(seconds);
    if (cut) this.note("That part is still being prepared.", 2500);
    this.draw();
  }

  setVolume(volume) {
    this.video.volume = Math.min(1, Math.max(0, volume));
    this.video.muted = this.video.volume === 0;
    this.say(`Volume ${Math.round(this.video.volume * 100)}%`);
  }

  toggleMute() {
    this.video.muted = !this.video.muted;
    if (!this.video.muted && this.video.volume === 0) this.video.volume = 0.5;
    this.say(this.video.muted ? "Muted" : "Sound on");
  }

  async toggleFull() {
    if (document.fullscreenElement) await document.exitFullscreen();
    else if (this.root.requestFullscreen) await this.root.requestFullscreen();
    else this.video.webkitEnterFullscreen?.();
  }

  async togglePictureInPicture() {
    if (document.pictureInPictureElement) await document.exitPictureInPicture();
    else await this.video.requestPictureInPicture();
  }

  onKey(event) {
    const action = shortcutOf(event, this.root);
    if (!action) return;
    event.preventDefault();
    this.wake();
    const [name, value] = action;
    if (name === "part") {
      this.seekTo(this.player.duration * value);
      this.say(`${Math.round(value * 100)}%`);
    } else if (name === "volume") {
      this.setVolume(this.video.volume + value);
    } else if (name === "toggle") {
      this.toggle();
      this.say(this.player.wantsPause ? "Paused" : "Playing");
    } else {
      this[name](value);
    }
  }

  // ---- wiring

  wireButtons() {
    const { big, play, mute, volume, full, pip, again } = this.parts;
    big.addEventListener("click", () => {
      this.toggle();
      play.focus({ preventScroll: true, focusVisible: false });
    });
    play.addEventListener("click", () => this.toggle());
    mute.addEventListener("click", () => this.toggleMute());
    volume.addEventListener("input", () => this.setVolume(Number(volume.value)));
    full.addEventListener("click", () => this.toggleFull().catch(() => {}));
    pip.addEventListener("click", () => this.togglePictureInPicture().catch(() => {}));
    pip.hidden = !document.pictureInPictureEnabled;
    again.addEventListener("click", () => {
      this.parts.failure.hidden = true;
      play.focus({ preventScroll: true });
      this.player.tryAgain().catch(() => {});
    });
    document.addEventListener("fullscreenchange", () => {
      const on = document.fullscreenElement === this.root;
      setToggle(full, on, "Leave full screen", "Full screen");
    });
  }

  wireSeek() {
    const { seek, tip } = this.parts;
    const box = this.parts["seek-box"];
    seek.addEventListener("pointerdown", () => (this.dragging = true));
    seek.addEventListener("input", () => {
      this.showTip(Number(seek.value));
      if (!this.dragging) this.seekTo(Number(seek.value));
      else this.draw();
    });
    seek.addEventListener("change", () => {
      this.dragging = false;
      this.seekTo(Number(seek.value));
    });
    for (const type of ["pointerup", "pointercancel"]) {
      seek.addEventListener(type, () => (this.dragging = false));
    }
    box.addEventListener("pointermove", (event) => {
      const { left, width } = box.getBoundingClientRect();
      this.showTip(((event.clientX - left) / width) * this.player.duration);
    });
    box.addEventListener("pointerleave", () => (tip.hidden = true));
  }

  showTip(seconds) {
    const { tip } = this.parts;
    const total = this.player.duration;
    const share = total ? Math.min(1, Math.max(0, seconds / total)) : 0;
    tip.textContent = clock(share * total);
    tip.style.left = `${Math.min(96, Math.max(4, share * 100))}%`;
    tip.hidden = false;
  }

  wireVideo() {
    const { video } = this;
    for (const type of ["timeupdate", "progress", "durationchange", "seeking", "loadedmetadata"]) {
      video.addEventListener(type, () => this.draw());
    }
    for (const type of ["play", "pause", "playing", "waiting", "seeked", "ended", "canplay"]) {
      video.addEventListener(type, () => this.drawState());
    }
    // Sound alone keeps its picture.
    video.addEventListener("loadeddata", () => this.parts.poster?.toggleAttribute("hidden", video.videoWidth > 0));
    video.addEventListener("volumechange", () => this.drawVolume());
    video.addEventListener("ratechange", () => this.menu.draw());
    let lastPointer = "mouse";
    video.addEventListener("pointerup", (event) => (lastPointer = event.pointerType));
    video.addEventListener("click", () => {
      if (this.menu.open) this.menu.close();
      else if (lastPointer === "touch" && this.root.hasAttribute("data-idle")) this.wake();
      else if (lastPointer === "touch" && !this.player.wantsPause) this.root.setAttribute("data-idle", "");
      else this.toggle();
    });
    video.addEventListener("dblclick", () => this.toggleFull().catch(() => {}));
  }

  wirePlayer() {
    const { player, parts } = this;
    player.addEventListener("qualities", () => this.drawQuality());
    player.addEventListener("quality", () => this.drawQuality());
    player.addEventListener("reloaded", () => this.drawState());
    player.addEventListener("trouble", () => this.note("Connection lost. Trying again …"));
    player.addEventListener("calm", () => this.note(""));
    player.addEventListener("failure", () => {
      this.note("");
      parts["failure-text"].textContent = player.failure;
      parts.failure.hidden = false;
      this.drawState();
    });
  }

  wireIdle() {
    for (const type of ["pointermove", "pointerdown", "focusin", "keydown"]) {
      this.root.addEventListener(type, () => this.wake());
    }
    this.root.addEventListener("pointerleave", () => this.rest());
  }

  wake() {
    this.root.removeAttribute("data-idle");
    clearTimeout(this.idleTimer);
    this.idleTimer = setTimeout(() => this.rest(), IDLE_MS);
  }

  rest() {
    const focused = this.root.querySelector(".player-bar :focus-visible, .player-menu :focus-visible");
    const hovered = this.parts.bar.matches(":hover") && matchMedia("(hover: hover)").matches;
    if (this.player.wantsPause || this.menu.open || this.dragging || focused || hovered) return;
    this.root.setAttribute("data-idle", "");
  }

  // ---- what a person sees

  draw() {
    const { parts, player, video } = this;
    const total = player.duration || 0;
    const now = this.dragging ? Number(parts.seek.value) : (player.reloading ? player.startAt : video.currentTime);
    parts.seek.max = String(total || 1);
    if (!this.dragging) parts.seek.value = String(now);
    parts.seek.setAttribute("aria-valuetext", `${spoken(now)} of ${spoken(total)}`);
    parts.now.textContent = clock(now);
    if (total) parts.total.textContent = clock(total);
    const share = (seconds) => `${total ? Math.min(100, (seconds / total) * 100) : 0}%`;
    parts.played.style.width = share(now);
    parts.playable.style.width = share(player.playableEnd);
    parts.coming.style.width = player.growing && total ? "100%" : "0";
    parts.buffered.style.width = "100%";
    parts.buffered.style.background = stripes(video.buffered, total);
  }

  drawState() {
    const { parts, player, video } = this;
    const paused = player.wantsPause;
    setToggle(parts.play, !paused, "Pause", "Play");
    const failed = !parts.failure.hidden;
    parts.big.hidden = failed || !paused || player.reloading || (video.currentTime > 0 && !video.ended);
    const waiting = !paused && !failed && !player.reloading && video.readyState < 3;
    clearTimeout(this.spinnerTimer);
    if (!waiting) parts.spinner.hidden = true;
    else this.spinnerTimer = setTimeout(() => (parts.spinner.hidden = false), 300);
    this.drawEdge(waiting);
    if (paused) this.root.removeAttribute("data-idle");
    else this.wake();
  }

  drawEdge(waiting) {
    const { player, video } = this;
    const atEdge = waiting && player.growing && player.playableEnd - video.currentTime < 1.5;
    if (atEdge) this.note("The next part is being prepared. It goes on by itself.");
    else if (this.atEdge) this.note("");
    this.atEdge = atEdge;
  }

  drawVolume() {
    const { video, parts } = this;
    const silent = video.muted || video.volume === 0;
    setToggle(parts.mute, silent, "Sound on", "Mute");
    parts.volume.value = String(silent ? 0 : video.volume);
    parts.volume.setAttribute("aria-valuetext", `${Math.round((silent ? 0 : video.volume) * 100)}%`);
    try {
      localStorage.setItem(STORE, JSON.stringify({ volume: video.volume, muted: video.muted }));
    } catch {
      // A browser that keeps nothing still plays.
    }
  }

  restoreVolume() {
    try {
      const { volume, muted } = JSON.parse(localStorage.getItem(STORE) ?? "{}");
      if (volume >= 0 && volume <= 1) this.video.volume = volume;
      if (muted) this.video.muted = true;
    } catch {
      this.video.volume = 1;
    }
    this.drawVolume();
  }

  drawQuality() {
    const { player, parts } = this;
    const current = player.quality;
    const auto = current ? `Auto (${current})` : "Auto";
    parts["quality-name"].textContent = player.chosenQuality === "auto" ? auto : player.chosenQuality;
    this.menu.draw();
  }

  say(mark, spokenMark = mark) {
    this.parts.mark.textContent = mark;
    this.parts.mark.hidden = false;
    this.parts.live.textContent = spokenMark;
    clearTimeout(this.markTimer);
    this.markTimer = setTimeout(() => (this.parts.mark.hidden = true), MARK_MS);
  }

  note(text, milliseconds = 0) {
    clearTimeout(this.noteTimer);
    this.parts.note.textContent = text;
    this.parts.note.hidden = !text;
    if (text) this.parts.live.textContent = text;
    if (milliseconds) this.noteTimer = setTimeout(() => this.note(""), milliseconds);
  }
}

function setToggle(button, on, labelOn, labelOff) {
  button.dataset.on = String(on);
  button.setAttribute("aria-label", on ? labelOn : labelOff);
}

function stripes(ranges, total) {
  if (!total) return "none";
  const stops = [];
  for (let index = 0; index < ranges.length; index += 1) {
    const from = (ranges.start(index) / total) * 100;
    const to = (ranges.end(index) / total) * 100;
    const colour = "rgb(255 255 255 / 0.4)";
    stops.push(`transparent ${from}%`, `${colour} ${from}%`, `${colour} ${to}%`, `transparent ${to}%`);
  }
  return stops.length ? `linear-gradient(to right, ${stops.join(", ")})` : "none";
}
