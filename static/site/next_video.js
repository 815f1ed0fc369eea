// What comes after the end: nothing, unless the viewer wished for the next video.
import { prefer, preference } from "./preferences.js";

const SECONDS = 8;

export class NextVideo {
  constructor(controls) {
    this.controls = controls;
    this.parts = controls.parts;
    const { nextUrl, nextTitle } = controls.root.dataset;
    this.url = nextUrl;
    this.title = nextTitle;
    this.timer = 0;
    this.switch = controls.root.querySelector("[data-next-switch]");
    this.switch.closest("label").hidden = !this.url;
    this.switch.checked = preference("playNext", false);
    this.switch.addEventListener("change", () => prefer("playNext", this.switch.checked));
    this.parts["next-now"].addEventListener("click", () => this.go());
    this.parts["next-stop"].addEventListener("click", () => this.stop());
    controls.video.addEventListener("ended", () => this.onEnd());
    for (const type of ["play", "seeking"]) controls.video.addEventListener(type, () => this.hide());
  }

  get counting() {
    return this.timer !== 0;
  }

  onEnd() {
    if (!this.url || !this.switch.checked || this.controls.player.reloading) return;
    this.left = SECONDS;
    this.parts.next.hidden = false;
    this.controls.view.announce(`Next in ${SECONDS} seconds: ${this.title}`);
    this.draw();
    clearInterval(this.timer);
    this.timer = setInterval(() => this.tick(), 1000);
  }

  tick() {
    this.left -= 1;
    if (this.left > 0) this.draw();
    else this.go();
  }

  draw() {
    this.parts["next-text"].textContent = `Next in ${this.left} s`;
  }

  go() {
    this.hide();
    location.assign(this.url);
  }

  stop() {
    this.hide();
    this.controls.view.announce("Stopped. The next video does not start.");
    this.controls.parts.play.focus({ preventScroll: true });
  }

  hide() {
    clearInterval(this.timer);
    this.timer = 0;
    this.parts.next.hidden = true;
  }
}
