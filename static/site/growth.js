// The line under a video that is still being prepared, and the news for the player.
import { clock, listed, timeLeft } from "./format.js";

const POLL_MS = 2500;
const HIDDEN_POLL_MS = 15_000;
const LONGEST_POLL_MS = 60_000;
const BETWEEN_RELOADS_MS = 15_000;
const LAST_LOOKS = 6;
const QUIET_FAILURES = 2;

export function growthSentence(progress) {
  const pictures = progress.qualities.filter(({ name }) => name !== "audio");
  const ready = pictures.filter(({ status }) => status === "ready").map(({ name }) => name);
  const coming = pictures.filter(({ status }) => status === "processing" || status === "pending");
  if (progress.status === "failed") return "Not every quality could be made. What is there plays.";
  if (progress.status === "ready") return `Every quality is ready: ${listed(ready)}.`;
  const parts = [ready.length ? `Plays now in ${listed(ready)}.` : playsPartly(progress)];
  const rest = ready.length ? coming.map(({ name }) => name) : [];
  const left = timeLeft(progress.seconds_left);
  if (rest.length) {
    const verb = rest.length === 1 ? "is" : "are";
    parts.push(`${listed(rest)} ${verb} on the way${left ? `, ${left}` : ""}.`);
  } else if (left) {
    parts.push(`${left[0].toUpperCase()}${left.slice(1)}.`);
  }
  return parts.join(" ");
}

function playsPartly({ playable_seconds: seconds, duration }) {
  if (duration && seconds < duration - 1) {
    return `The first ${clock(seconds)} of ${clock(duration)} can be watched now, and more comes while you watch.`;
  }
  return "Plays now. Better qualities are on the way.";
}

export function growth() {
  return {
    text: "",
    percent: 0,
    state: "",
    failures: 0,
    timer: 0,
    lastReload: 0,
    looks: 0,

    init() {
      this.slug = this.$root.dataset.slug;
      this.text = this.$root.querySelector("[role=status]").textContent.trim();
      this.percent = Number(this.$root.dataset.percent);
      this.state = this.$root.dataset.state;
      this.onVisible = () => document.hidden || this.poll();
      document.addEventListener("visibilitychange", this.onVisible);
      this.plan(500);
    },

    destroy() {
      clearTimeout(this.timer);
      document.removeEventListener("visibilitychange", this.onVisible);
    },

    plan(milliseconds) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.poll(), milliseconds);
    },

    async poll() {
      clearTimeout(this.timer);
      try {
        const answer = await fetch(`/api/videos/${encodeURIComponent(this.slug)}/progress`);
        if ([404, 410].includes(answer.status)) {
          this.text = "This video is no longer here.";
          this.state = "removed";
          return this.stop();
        }
        if (!answer.ok) throw new Error(`status ${answer.status}`);
        const progress = await answer.json();
        this.failures = 0;
        this.text = growthSentence(progress);
        this.percent = progress.progress_percent;
        this.state = progress.status;
        const done = ["ready", "failed"].includes(progress.status);
        const settled = await this.tellPlayer(progress, done);
        if (done && settled) return this.stop();
      } catch {
        this.failures += 1;
        if (this.failures === QUIET_FAILURES + 1) this.text = "There is no news now: the server does not answer.";
      }
      const calm = document.hidden ? HIDDEN_POLL_MS : POLL_MS;
      return this.plan(Math.min(LONGEST_POLL_MS, calm * 2 ** this.failures));
    },

    // True when the player knows every rung and every sound that is whole.
    async tellPlayer(progress, done) {
      const player = document.querySelector("[data-player]")?.vlogPlayer;
      if (!player) return true;
      if (done) player.expectsGrowth = false;
      player.playableSeconds = progress.playable_seconds;
      if (progress.duration) player.knownDuration = progress.duration;
      if (progress.status === "failed") player.endShort();
      const made = [...progress.qualities, ...progress.sounds].filter(({ status }) => status === "ready");
      if (made.every(({ name }) => player.knows(name))) return true;
      if (done && this.looks >= LAST_LOOKS) return true;
      const recent = performance.now() - this.lastReload < BETWEEN_RELOADS_MS;
      if (recent && !done && !player.wantsPause) return false;
      if (done) this.looks += 1;
      if (await player.lookForNews()) this.lastReload = performance.now();
      return false;
    },

    stop() {
      clearTimeout(this.timer);
      document.removeEventListener("visibilitychange", this.onVisible);
    },
  };
}
