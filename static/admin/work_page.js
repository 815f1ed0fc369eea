// All work that is not done: what failed, what runs, what waits, and why.
import { moment, number, plural } from "../site/format.js";
import { api } from "./api.js";
import { follow } from "./live.js";
import { jobView, sharedReason, transcriptionView, uploadView } from "./work_view.js";

export function workPage() {
  return {
    loaded: false,
    busy: false,
    paused: false,
    pausedSince: null,
    problems: [],
    failed: [],
    running: [],
    waiting: [],
    failedCount: 0,
    waitingCount: 0,
    transcriptions: [],
    allWaitFor: "",
    uploads: [],
    error: "",
    news: "",

    get summary() {
      if (!this.loaded) return "";
      const parts = [
        [this.failedCount, "failed"],
        [this.running.length, "at work"],
        [this.waitingCount, "waiting"],
      ].filter(([count]) => count > 0);
      const said = parts.map(([count, word]) => `${number(count)} ${word}`);
      if (this.transcriptions.length) said.push(plural(this.transcriptions.length, "transcription"));
      if (this.uploads.length) said.push(plural(this.uploads.length, "upload"));
      return said.length ? `${said.join(", ")}.` : "There is nothing to do: every video is ready.";
    },

    get pausedLine() {
      const since = this.pausedSince ? ` since ${moment(this.pausedSince)}` : "";
      const rest = this.running.length ? "What was begun is being finished" : "What had begun is finished";
      return `All work is paused${since}. ${rest}, and nothing new begins until you resume it. Uploads are kept.`;
    },

    get runningTotal() {
      return number(this.running.length);
    },

    get waitingTotal() {
      return number(this.waitingCount);
    },

    get failedTotal() {
      return number(this.failedCount);
    },

    get canRetryAll() {
      return this.failed.some(({ can_retry: can }) => can) || this.transcriptions.some(({ failed }) => failed);
    },

    init() {
      this.unfollow = follow(() => true, () => this.refresh());
      this.refresh();
    },

    destroy() {
      this.unfollow();
    },

    async refresh() {
      try {
        this.show(await api("/api/work"));
        this.error = "";
      } catch (error) {
        this.error = error.message;
      }
    },

    show(work) {
      this.paused = work.paused;
      this.pausedSince = work.paused_since;
      this.problems = work.problems;
      for (const state of ["failed", "running", "waiting"]) this[state] = work[state].map(jobView);
      this.failedCount = work.failed_total;
      this.waitingCount = work.waiting_total;
      const spoken = work.transcriptions.map(transcriptionView);
      this.allWaitFor = sharedReason(spoken);
      this.transcriptions = spoken.map((one) => (one.state === "waiting" && this.allWaitFor ? { ...one, line: "" } : one));
      this.uploads = work.uploads.map(uploadView);
      this.loaded = true;
    },

    // What was pressed may be gone afterwards: `then` names where the focus goes.
    async act(action, then = "title") {
      this.busy = true;
      this.error = this.news = "";
      try {
        await action();
      } catch (error) {
        this.error = error.message;
      }
      const problem = this.error;
      await this.refresh();
      this.error ||= problem;
      this.busy = false;
      // Alpine lets what appears be seen with the next frame.
      this.$nextTick(() => requestAnimationFrame(() => this.$refs[then]?.focus()));
    },

    pause() {
      return this.act(() => api("/api/work/pause", { method: "POST" }), "resume");
    },

    resume() {
      return this.act(() => api("/api/work/resume", { method: "POST" }), "pause");
    },

    retry(id) {
      return this.act(() => api(`/api/videos/${id}/retry`, { method: "POST" }));
    },

    retryAll() {
      return this.act(async () => {
        const told = await api("/api/work/retry", { method: "POST" });
        const said = [`${plural(told.videos, "video")} and ${plural(told.transcriptions, "transcription")} are tried again.`];
        for (const { title, reason } of told.not_retried) said.push(`${title}: ${reason}`);
        this.news = said.join(" ");
      });
    },

    transcribe(id) {
      return this.act(() => api(`/api/videos/${id}/transcribe`, { method: "POST", json: {} }));
    },

    move(id, priority) {
      return this.act(() => api(`/api/videos/${id}/priority`, { method: "POST", json: { priority } }), "");
    },
  };
}
