// Tells the server what is really watched, on pages that say which video counts; nowhere else.
// Every report has all of the viewing so far, so one that is lost costs nothing.
const MOST_STRETCHES = 200;
const SHORTEST_STALL_MS = 100;
const RETRY_MS = 30_000;
const PATH = "/api/analytics";

// What was played of one viewing, and how well it went.
class Recording {
  constructor() {
    this.stretches = [];
    this.current = null;
    this.rate = 1;
    this.rungs = {};
    this.startupMs = null;
    this.stallCount = 0;
    this.stallMs = 0;
    this.errors = 0;
    this.position = 0;
    this.at = 0;
  }

  // Called again and again while it plays. A jump is not played.
  reach(position, rate, rung) {
    const now = performance.now();
    const passed = (now - this.at) / 1000;
    const gone = position - this.position;
    if (this.current && gone >= 0 && gone <= passed * rate + 0.5) {
      this.current[1] = position;
      this.rate = Math.max(this.rate, rate);
      if (rung && gone > 0) this.rungs[rung] = (this.rungs[rung] ?? 0) + Math.min(passed, gone / rate);
    } else {
      this.begin(position);
    }
    this.position = position;
    this.at = now;
  }

  begin(position) {
    this.current = [position, position];
    this.stretches.push(this.current);
    if (this.stretches.length <= MOST_STRETCHES) return;
    const past = this.stretches.slice(0, -1).map(([start, end]) => end - start);
    this.stretches.splice(past.indexOf(Math.min(...past)), 1);
  }

  // Where the next stretch begins is not known yet.
  rest() {
    this.current = null;
  }

  claims(extra) {
    const played = this.stretches.filter(([start, end]) => end > start);
    return {
      ...extra,
      ranges: played.map(([start, end]) => [rounded(start), rounded(end)]),
      position: rounded(this.position),
      rate: this.rate,
      startup_ms: this.startupMs,
      stall_count: this.stallCount,
      stall_ms: Math.round(this.stallMs),
      rung_seconds: Object.fromEntries(Object.entries(this.rungs).map(([name, seconds]) => [name, rounded(seconds)])),
      errors: this.errors,
    };
  }
}

class Reporter {
  constructor(root, video, videoId) {
    this.root = root;
    this.video = video;
    this.videoId = videoId;
    this.recording = new Recording();
    this.token = null;
    this.sequence = 0;
    this.beginning = false;
    this.over = false;
    this.left = false;
    this.sent = "";
    this.timer = 0;
    this.listen();
  }

  listen() {
    const { video } = this;
    const on = (type, action) => video.addEventListener(type, action);
    on("play", () => this.onPlay());
    on("playing", () => this.onPlaying());
    on("timeupdate", () => this.onProgress());
    on("pause", () => this.onProgress(true));
    on("ended", () => this.report());
    on("seeking", () => this.recording.rest());
    on("seeked", () => this.onProgress());
    on("emptied", () => this.recording.rest());
    on("waiting", () => this.onWaiting());
    on("error", () => (this.recording.errors += 1));
    document.addEventListener("visibilitychange", () => document.hidden && this.report({ leaving: true }));
    window.addEventListener("pagehide", () => this.end());
    // Out of the browser's memory, back on the screen.
    window.addEventListener("pageshow", () => (this.left = false));
  }

  onPlay() {
    if (this.askedAt) return;
    this.askedAt = performance.now();
    this.root.vlogPlayer?.addEventListener("failure", () => (this.recording.errors += 1));
  }

  onPlaying() {
    if (this.askedAt && this.recording.startupMs === null && !this.wasPlaying)
      this.recording.startupMs = Math.round(performance.now() - this.askedAt);
    this.wasPlaying = true;
    this.endStall();
    this.onProgress();
  }

  onProgress(pausing = false) {
    const { video, recording } = this;
    if (this.over || this.left || video.seeking || (video.paused && !pausing)) return;
    this.begin();
    recording.reach(video.currentTime, video.playbackRate, this.root.dataset.quality);
    if (pausing) {
      recording.rest();
      this.stalledAt = null;
    }
  }

  onWaiting() {
    const { video } = this;
    if (this.wasPlaying && !video.seeking && !video.paused) this.stalledAt ??= performance.now();
  }

  endStall() {
    const waited = this.stalledAt ? performance.now() - this.stalledAt : 0;
    this.stalledAt = null;
    if (waited < SHORTEST_STALL_MS) return;
    this.recording.stallCount += 1;
    this.recording.stallMs += waited;
  }

  async begin() {
    if (this.over || this.left || this.token || this.beginning) return;
    this.beginning = true;
    const body = { video_id: this.videoId, referrer: referrer() };
    const answer = await send("session", body);
    if (answer.ok) {
      const { session_token: token, heartbeat_seconds: seconds } = await answer.json();
      this.token = token;
      this.over = !token;
      clearInterval(this.timer);
      if (token) this.timer = setInterval(() => this.report(), seconds * 1000);
    } else if (isPassing(answer)) {
      setTimeout(() => (this.beginning = false), RETRY_MS);
      return;
    } else {
      this.over = true;
    }
    this.beginning = false;
  }

  claims() {
    this.sequence += 1;
    return this.recording.claims({ session_token: this.token, sequence: this.sequence });
  }

  // Whether there is anything that the last report did not have.
  get hasNews() {
    const news = JSON.stringify(this.recording.claims({}));
    if (news === this.sent) return false;
    this.sent = news;
    return true;
  }

  async report({ leaving = false } = {}) {
    if (!this.token || !this.hasNews) return;
    const { token } = this;
    if (leaving) {
      leave("heartbeat", this.claims());
      return;
    }
    const answer = await send("heartbeat", this.claims());
    if (answer.ok || this.token !== token) return;
    // It was silent for too long: what plays from here on is another viewing.
    if (answer.status === 404) this.startOver();
    else if (!isPassing(answer)) this.over = true;
    else this.sent = "";
  }

  end() {
    this.left = true;
    if (!this.token) return;
    leave("end", this.claims());
    this.startOver();
  }

  startOver() {
    clearInterval(this.timer);
    this.token = null;
    this.sequence = 0;
    this.sent = "";
    this.recording = new Recording();
  }
}

const rounded = (seconds) => Math.round(seconds * 100) / 100;

// Too many requests, or a server that is not well: it may be better soon.
const isPassing = ({ status }) => status === 0 || status === 429 || status >= 500;

async function send(what, body) {
  try {
    return await fetch(`${PATH}/${what}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      keepalive: true,
    });
  } catch {
    return { ok: false, status: 0 };
  }
}

function leave(what, body) {
  const bytes = new Blob([JSON.stringify(body)], { type: "application/json" });
  if (!navigator.sendBeacon(`${PATH}/${what}`, bytes)) send(what, body);
}

function referrer() {
  const host = /^https?:\/\/([^/:?#]+)/.exec(document.referrer)?.[1] ?? "";
  return host && host !== location.hostname ? host : null;
}

const videoId = Number(document.querySelector('meta[name="vlog-analytics"]')?.content);
const root = document.querySelector("[data-player]");
const video = root?.querySelector("[data-video]");
if (videoId && video) new Reporter(root, video, videoId);
