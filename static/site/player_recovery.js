// When something goes wrong: tries again by itself before it says anything.
const RETRY_SECONDS = [1, 2, 4, 8, 15, 15];
const MEDIA_RECOVERIES = 3;
const MEDIA_WINDOW_MS = 30_000;
// A first hiccup is nobody's business.
const QUIET_RETRIES = 1;
const KNOCK_MS = 10_000;
const PASSING = ["network", "offline"];
const SENTENCES = {
  network: "The server does not answer. The video goes on by itself when it does.",
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
    else if (kind === "expired") this.renew();
    else this.fail(kind);
  }

  // An address with a key is good for some hours; whoever paused for longer gets another one.
  async renew() {
    const { player } = this;
    const answer = await fetch(`/api/videos/${encodeURIComponent(player.root.dataset.slug)}`).catch(() => null);
    if (!answer || answer.status >= 500) {
      this.retryLater();
      return;
    }
    const { stream_url: source } = answer.ok ? await answer.json() : {};
    if (!source || source === player.source) {
      this.fail("gone");
      return;
    }
    player.source = source;
    await player.reload();
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
    if (PASSING.includes(this.kind)) {
      this.tryAgain(this.wasPlaying).catch(() => {});
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
    this.wasPlaying = !this.player.wantsPause;
    this.show(kind);
    this.player.stop();
    if (PASSING.includes(kind)) this.timer = setTimeout(() => this.knock(), KNOCK_MS);
  }

  // The network may be there while the server is not: look now and then whether it is back.
  async knock() {
    const answer = await fetch(this.player.source, { method: "HEAD", cache: "no-store" }).catch(() => null);
    if (!PASSING.includes(this.kind)) return;
    if (answer && answer.status < 500) this.tryAgain(this.wasPlaying).catch(() => {});
    else this.timer = setTimeout(() => this.knock(), KNOCK_MS);
  }

  async tryAgain(playing = true) {
    clearTimeout(this.timer);
    this.recoveries = [];
    this.show(null);
    await this.player.openAgain(playing);
  }

  show(kind) {
    this.kind = kind;
    if (kind) this.player.root.dataset.failure = kind;
    else delete this.player.root.dataset.failure;
    this.player.tell("failure");
  }
}
