// The list of all videos, alive while anything works.
import { plural } from "../site/format.js";
import { api } from "./api.js";
import { removal } from "./removal.js";
import { isWorking, videoView } from "./video_view.js";

const WORKING_POLL_MS = 2000;
const CALM_POLL_MS = 15_000;
const PAGE = 24;
const LONGEST_PAGE = 100;

export function videoList() {
  return {
    ...removal(),
    videos: [],
    total: "",
    cursor: null,
    search: "",
    status: "",
    news: "",
    trouble: "",
    loading: false,
    loaded: false,
    timer: 0,
    turn: 0,

    init() {
      this.onNews = () => this.refresh();
      this.onVisible = () => document.hidden || this.refresh();
      window.addEventListener("vlog:uploaded", this.onNews);
      document.addEventListener("visibilitychange", this.onVisible);
      this.refresh();
    },

    destroy() {
      clearTimeout(this.timer);
      window.removeEventListener("vlog:uploaded", this.onNews);
      document.removeEventListener("visibilitychange", this.onVisible);
    },

    get isEmpty() {
      return this.loaded && this.videos.length === 0;
    },

    get emptyTitle() {
      return this.search || this.status ? "No video matches" : "No videos yet";
    },

    get emptyHint() {
      return this.search || this.status ? "Other words or another status may find it." : "Upload the first one above.";
    },

    narrowed() {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => this.refresh(), 250);
    },

    // Asks for as many as are on the page; only the newest answer counts.
    async refresh() {
      clearTimeout(this.timer);
      this.turn += 1;
      const { turn } = this;
      const wanted = Math.min(LONGEST_PAGE, Math.max(PAGE, this.videos.length));
      const asked = `${this.search}\n${this.status}`;
      try {
        const page = await this.fetchPage(wanted);
        if (turn !== this.turn) return;
        const narrowed = asked !== this.asked;
        this.asked = asked;
        this.show(page, narrowed);
        this.trouble = "";
      } catch (error) {
        if (turn !== this.turn) return;
        this.trouble = error.message;
      }
      const pause = this.videos.some(isWorking) && !document.hidden ? WORKING_POLL_MS : CALM_POLL_MS;
      this.timer = setTimeout(() => this.refresh(), pause);
    },

    fetchPage(limit, cursor = null) {
      const query = new URLSearchParams({ limit });
      if (this.search.trim()) query.set("search", this.search.trim());
      if (this.status) query.set("status", this.status);
      if (cursor) query.set("cursor", cursor);
      return api(`/api/videos?${query}`);
    },

    show(page, narrowed) {
      const fresh = page.videos.map(videoView);
      const ids = new Set(fresh.map(({ id }) => id));
      const rest = narrowed ? [] : this.videos.slice(LONGEST_PAGE).filter(({ id }) => !ids.has(id));
      this.videos = [...fresh, ...rest];
      this.total = String(page.total);
      if (rest.length === 0) this.cursor = page.next_cursor;
      if (narrowed && this.loaded) this.news = `${plural(page.total, "video")} found`;
      this.loaded = true;
    },

    async more() {
      this.loading = true;
      try {
        const page = await this.fetchPage(PAGE, this.cursor);
        const ids = new Set(this.videos.map(({ id }) => id));
        this.videos.push(...page.videos.filter(({ id }) => !ids.has(id)).map(videoView));
        this.cursor = page.next_cursor;
      } catch (error) {
        this.trouble = error.message;
      }
      this.loading = false;
    },

    async retry(id) {
      try {
        await api(`/api/videos/${id}/retry`, { method: "POST" });
        this.news = "It is tried again.";
      } catch (error) {
        this.trouble = error.message;
        return;
      }
      this.refresh();
    },

    ask(id) {
      this.askFor(this.videos.find((video) => video.id === id));
    },

    removed(id) {
      this.news = "The video was deleted.";
      this.videos = this.videos.filter((video) => video.id !== id);
      this.refresh();
    },
  };
}
