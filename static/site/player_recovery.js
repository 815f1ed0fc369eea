// When something goes wrong: tries again by itself before it says anything.
const RETRY_SECONDS = [1, 2, 4, 8, 15, 15];
const MEDIA_RECOVERIES = 3;
const MEDIA_WINDOW_MS = 30_000;
// A first hiccup is nobody's business.
const QUIET_RETRIES = 1;
const SENTENCES = {
  network: "The server does not answer. Nothing is lost: try again in a moment.",
  offline: "You are offline. The video goes on by itself when the connection is back.",
  gone: "This video is no longer here.",
  media: "This browser could not show the video. Trying again often helps.",
  unsupported: "This browser cannot play this kind of video. A newer one can.",
};

export class PlayerRecovery {
  constructor(player) {
    this.player = player;
    this.kind = null;
    this.retries = 0;
    this.timer = 0;
    this.recoveries = [];
    window.addEventListener("online", () => this.onOnline());
    window.addEventListener("offline", () => player.wanted && !this.kind && player.tell("trouble"));
  }

  get sentence() {
    return this.kind && SENTENCES[this.kind];
  }

  onFault(kind) {
    if (kind === "network") this.retryLater();
    else if (kind === "decoding") this.recoverMedia();
    else this.fail(kind);
  }

  retryLater() {
    const seconds = RETRY_SECONDS[this.retries];
    if (seconds === undefined) {
      this.fail(navigator.onLine ? "network" : "offline");
      return;
    }
    this.retries += 1;
    if (this.retries > QUIET_RETRIES || !navigator.onLine) this.player.tell("trouble");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.retryNow(), seconds * 1000);
  }

  retryNow() {
    clearTimeout(this.timer);
    if (this.retries > 0) this.player.loadOn();
  }

  onOnline() {
    if (["network", "offline"].includes(this.kind)) {
      this.tryAgain().catch(() => {});
    } else if (this.player.wanted && !this.kind) {
      clearTimeout(this.timer);
      this.player.tell("calm");
      this.player.loadOn();
    }
  }

  recoverMedia() {
    const now = performance.now();
    this.recoveries = this.recoveries.filter((time) => now - time < MEDIA_WINDOW_MS);
    if (this.recoveries.length >= MEDIA_RECOVERIES) {
      this.fail("media");
      return;
    }
    this.recoveries.push(now);
    this.player.decodeAnew(this.recoveries.length === 2);
  }

  calm() {
    if (this.retries === 0) return;
    this.retries = 0;
    this.player.tell("calm");
  }

  fail(kind) {
    clearTimeout(this.timer);
    this.retries = 0;
    this.show(kind);
    this.player.stop();
  }

  async tryAgain() {
    this.recoveries = [];
    this.show(null);
    await this.player.openAgain();
  }

  show(kind) {
    this.kind = kind;
    if (kind) this.player.root.dataset.failure = kind;
    else delete this.player.root.dataset.failure;
    this.player.tell("failure");
  }
}
