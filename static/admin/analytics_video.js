// How one video is watched.
import { clock } from "../site/format.js";
import { api } from "./api.js";
import { average, count, moment, percent, secondsOf, share, span, timezone } from "./figures.js";

export function analyticsVideo() {
  return {
    figures: noFigures(),
    parts: [],
    byDay: [],
    rungs: [],
    referrers: [],
    waits: { startHalf: "–", startMost: "–", stallHalf: "–", stallMost: "–" },
    loaded: false,
    error: "",

    get isWatched() {
      return this.parts.length > 0;
    },
    get isUnwatched() {
      return this.loaded && !this.isWatched;
    },
    get trendsCsv() {
      return `/api/analytics/trends.csv?${new URLSearchParams({ timezone, video_id: this.$root.dataset.id })}`;
    },

    async init() {
      const query = new URLSearchParams({ timezone });
      try {
        this.show(await api(`/api/analytics/videos/${this.$root.dataset.id}?${query}`));
      } catch (error) {
        this.error = error.message;
      }
    },

    show(answer) {
      this.figures = {
        total_views: count(answer.total_views),
        unique_viewers: count(answer.unique_viewers),
        total_watch_time_seconds: span(answer.total_watch_time_seconds),
        avg_watch_duration_seconds: average(answer.avg_watch_duration_seconds),
        avg_percent_watched: percent(answer.avg_percent_watched),
        completion_rate: share(answer.completion_rate),
        stalls: count(answer.stalls),
        errors: count(answer.errors),
      };
      this.parts = answer.retention.map((value, number) => ({
        number,
        // Pieces are hardly ever whole seconds: two would begin at the same one.
        from: clock(Math.round(number * answer.piece_seconds)),
        share: percent(value),
      }));
      this.byDay = answer.views_over_time.toReversed().map(({ date, views }) => ({ date, label: moment(date), views }));
      this.rungs = answer.quality_breakdown.map(({ quality, percentage, seconds }) => ({
        name: quality,
        share: percent(percentage),
        time: span(seconds),
      }));
      this.referrers = answer.referrers.map(({ host, plays }) => ({ host, plays: count(plays) }));
      this.waits = {
        startHalf: secondsOf(answer.startup_ms.p50),
        startMost: secondsOf(answer.startup_ms.p95),
        stallHalf: secondsOf(answer.stall_ms.p50),
        stallMost: secondsOf(answer.stall_ms.p95),
      };
      this.loaded = true;
      this.$nextTick(() => this.draw(answer));
    },

    async draw({ retention, piece_seconds: piece, views_over_time: days }) {
      const { Charts } = await import("./chart.js");
      const charts = new Charts(this.$root);
      const labels = days.map(({ date }) => moment(date));
      const wholes = (value) => (Number.isInteger(value) ? count(value) : "");
      charts.draw("views", { labels, values: days.map(({ views }) => views), format: wholes });
      if (retention.length === 0) return;
      const places = retention.map((_, number) => clock(Math.round(number * piece)));
      charts.draw("retention", { labels: places, values: retention, format: percent, top: 100 });
    },
  };
}

function noFigures() {
  const names = ["total_views", "unique_viewers", "total_watch_time_seconds", "avg_watch_duration_seconds"];
  names.push("avg_percent_watched", "completion_rate", "stalls", "errors");
  return Object.fromEntries(names.map((name) => [name, "–"]));
}
