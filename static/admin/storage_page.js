// What takes room, and what belongs to nothing.
import { bytes as size, calendarDay, moment, plural } from "../site/format.js";
import { acting } from "./acting.js";
import { api } from "./api.js";
import { follow } from "./live.js";

const HOLDS = { storage: "storage", database: "database" };
const capitalized = (words) => words.charAt(0).toUpperCase() + words.slice(1);

export function storagePage() {
  return {
    ...acting(),
    loaded: false,
    measuring: false,
    trouble: "",
    when: "",
    volumes: [],
    forecast: "",
    pace: "",
    parts: [],
    videos: [],
    more: "",
    orphans: [],
    chosen: [],
    question: "",
    news: "",

    init() {
      this.unfollow = follow(({ kind }) => kind === "storage", () => this.refresh());
      this.refresh();
    },

    destroy() {
      this.unfollow();
    },

    get noOrphans() {
      return this.orphans.length === 0;
    },

    get nothingChosen() {
      return this.busy || this.chosen.length === 0;
    },

    async refresh() {
      try {
        const [storage, sizes, orphans] = await Promise.all([
          api("/api/storage"),
          api("/api/storage/videos"),
          api("/api/storage/orphans"),
        ]);
        this.show(storage);
        this.videos = sizes.videos.map(videoView);
        this.more = sizes.next_cursor ?? "";
        this.orphans = orphans.items.map(orphanView);
        this.chosen = this.chosen.filter((path) => this.orphans.some((orphan) => orphan.path === path));
        this.loaded = true;
      } catch (error) {
        this.error = error.message;
      }
    },

    show(storage) {
      this.measuring = storage.measuring;
      this.trouble = storage.trouble ?? "";
      this.when = storage.measuring ? "Measuring now …" : measured(storage);
      this.volumes = storage.volumes.map(volumeView);
      this.parts = storage.parts.filter((part) => part.bytes > 0).map((part) => ({ ...part, size: size(part.bytes) }));
      [this.forecast, this.pace] = storage.forecast ? foretold(storage.forecast) : ["", ""];
    },

    async measure() {
      await this.act(async () => {
        // Before it is asked for: what comes of it may be told sooner than this is answered.
        this.measuring = true;
        this.when = "Measuring now …";
        try {
          await api("/api/storage/measure", { method: "POST" });
        } catch (error) {
          this.measuring = false;
          throw error;
        }
      });
    },

    older() {
      return this.act(async () => {
        const page = await api(`/api/storage/videos?cursor=${encodeURIComponent(this.more)}`);
        this.videos = [...this.videos, ...page.videos.map(videoView)];
        this.more = page.next_cursor ?? "";
      });
    },

    ask() {
      const doomed = this.orphans.filter(({ path }) => this.chosen.includes(path));
      const total = doomed.reduce((sum, orphan) => sum + orphan.bytes, 0);
      this.question = `${plural(doomed.length, "item")}, ${size(total)}. This cannot be undone.`;
      this.$refs.removal.showModal();
    },

    keep() {
      this.$refs.removal.close();
    },

    async remove() {
      await this.act(async () => {
        const json = { paths: this.chosen };
        const done = await api("/api/storage/orphans/remove", { method: "POST", json });
        this.news = `${plural(done.removed.length, "item")} removed, ${size(done.bytes)}.`;
        this.chosen = [];
      });
      this.$refs.removal.close();
      await this.refresh();
    },
  };
}

function measured(storage) {
  if (!storage.measured_at) return "Not measured yet.";
  const at = moment(storage.measured_at);
  return `Measured on ${at}: ${plural(storage.videos, "video")}, ${size(storage.total)}.`;
}

function volumeView(volume) {
  const used = volume.total - volume.free;
  return {
    name: capitalized(volume.holds.map((name) => HOLDS[name]).join(" and ")),
    percent: Math.round((100 * used) / volume.total),
    facts: `${size(volume.free)} of ${size(volume.total)} free`,
  };
}

function foretold({ bytes_per_day: daily, over_days: days, days_left: left }) {
  const pace = `${daily < 0 ? "−" : "+"}${size(Math.abs(daily))} a day over the last ${plural(Math.round(days), "day")}`;
  if (left === null) return ["The storage does not grow.", pace];
  if (left > 3650) return ["There is room for more than ten years.", pace];
  return [`The disk is full in about ${plural(Math.round(left), "day")}.`, pace];
}

function videoView(video) {
  const rungs = Object.entries(video.rungs).sort(([, one], [, other]) => other - one);
  return {
    ...video,
    url: `/videos/${video.video_id}`,
    rungs: rungs.map(([name, count]) => `${name} ${size(count)}`).join(" · "),
    original: video.original ? size(video.original) : "–",
    total: size(video.total),
  };
}

function orphanView(orphan) {
  const files = orphan.files > 1 ? `, ${plural(orphan.files, "file")}` : "";
  const at = calendarDay(orphan.modified_at);
  return { ...orphan, facts: `${size(orphan.bytes)}${files}, last changed ${at}. ${orphan.why}` };
}
