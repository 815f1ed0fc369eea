// Fingers: tap for the controls, twice at a side for ten seconds, hold for double speed.
const DOUBLE_TAP_MS = 320;
const HOLD_MS = 500;
const HOLD_RATE = 2;
const SIDE = 0.36;
const SKIP_SECONDS = 10;
const MOVED_PIXELS = 12;

export class PlayerTouch {
  constructor(controls) {
    this.controls = controls;
    this.video = controls.video;
    this.lastTap = 0;
    this.lastSide = 0;
    this.holding = false;
    this.pointer = "mouse";
    const { video } = this;
    video.addEventListener("pointerdown", (event) => this.onDown(event));
    video.addEventListener("pointermove", (event) => this.onMove(event));
    for (const type of ["pointerup", "pointercancel", "pointerleave"]) {
      video.addEventListener(type, (event) => this.onUp(event));
    }
    video.addEventListener("contextmenu", (event) => this.pointer === "touch" && event.preventDefault());
    video.addEventListener("click", (event) => this.onClick(event));
    video.addEventListener("dblclick", () => this.pointer === "mouse" && controls.toggleFull());
  }

  onDown(event) {
    this.pointer = event.pointerType;
    this.held = false;
    this.from = [event.clientX, event.clientY];
    if (event.pointerType !== "touch") return;
    this.holdTimer = setTimeout(() => this.hold(), HOLD_MS);
  }

  onMove(event) {
    if (!this.from || this.holding) return;
    const distance = Math.hypot(event.clientX - this.from[0], event.clientY - this.from[1]);
    if (distance > MOVED_PIXELS) clearTimeout(this.holdTimer);
  }

  onUp() {
    clearTimeout(this.holdTimer);
    if (!this.holding) return;
    this.holding = false;
    this.video.playbackRate = this.rate;
    this.controls.view.unpin();
  }

  hold() {
    if (this.video.paused) return;
    this.holding = this.held = true;
    this.rate = this.video.playbackRate;
    this.video.playbackRate = HOLD_RATE;
    this.controls.view.pin(`${HOLD_RATE}× speed`);
  }

  onClick(event) {
    if (this.controls.menu.open) this.controls.menu.close();
    else if (this.pointer !== "touch") this.controls.toggle();
    else if (!this.held) this.onTap(event);
  }

  onTap(event) {
    const { left, width } = this.video.getBoundingClientRect();
    const share = (event.clientX - left) / width;
    const side = share < SIDE ? -1 : share > 1 - SIDE ? 1 : 0;
    const now = event.timeStamp;
    const again = now - this.lastTap < DOUBLE_TAP_MS && side === this.lastSide;
    this.lastTap = now;
    this.lastSide = side;
    if (again && side) this.controls.skip(side * SKIP_SECONDS);
    else this.controls.view.toggleBar();
  }
}
