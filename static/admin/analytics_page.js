// What was watched on the whole site.
import { api } from "./api.js";
import { average, count, moment, scale, share, span, timezone } from "./figures.js";

const PER_PAGE = 50;
const MOST_DAYS_BY_HOUR = 28;

export function analyticsPage() {
  // The charts are no business of Alpine's, which would watch every part of them.
  let charts = null;
  return {
    overview: { disabled: false },
    figures: noFigures(),
    days: "28",
    interval: "day",
    points: [],
    scope: "all",
    sort: "views",
    videos: [],
    total: 0,
    loaded: false,
    error: "",
    zoneLine: `Days and hours are those of ${timezone}.`,

    async init() {
      await Promise.all([this.loadOverview(), this.loadTrends(), this.loadVideos()]);
    },

    destroy() {
      charts?.remove();
    },

    get tooLongForHours() {
      return Number(this.days) > MOST_DAYS_BY_HOUR;
    },
    get hasMore() {
      return this.videos.length < this.total;
    },
    get isEmpty() {
      return this.loaded && this.total === 0;
    },
    get trendsCsv() {
      return `/api/analytics/trends.csv?${this.trendsQuery()}`;
    },
    get videosCsv() {
      return `/api/analytics/videos.csv?${this.videosQuery()}`;
    },

    async ask(path) {
      try {
        const answer = await api(`/api/analytics/${path}`);
        this.error = "";
        return answer;
      } catch (error) {
        this.error = error.message;
        return null;
      }
    },

    async loadOverview() {
      const answer = await this.ask(`overview?${new URLSearchParams({ timezone })}`);
      if (!answer) return;
      this.overview = { disabled: !answer.is_enabled };
      this.figures = {
        total_views: count(answer.total_views),
        unique_viewers: answer.viewers_are_counted ? count(answer.unique_viewers) : "–",
        total_watch_time_hours: span(answer.total_watch_time_hours * 3600),
        avg_watch_duration_seconds: average(answer.avg_watch_duration_seconds),
        completion_rate: share(answer.completion_rate),
        views_today: count(answer.views_today),
        views_this_week: count(answer.views_this_week),
        views_this_month: count(answer.views_this_month),
      };
    },

    trendsQuery() {
      return new URLSearchParams({ timezone, from: daysAgo(this.days), interval: this.interval });
    },

    async loadTrends() {
      if (this.tooLongForHours) this.interval = "day";
      const query = this.trendsQuery().toString();
      const answer = await this.ask(`trends?${query}`);
      // Somebody may have chosen again while this was on its way.
      if (!answer || query !== this.trendsQuery().toString()) return;
      this.points = answer.data.toReversed().map((point) => ({
        date: point.date,
        label: moment(point.date),
        views: count(point.views),
        watchTime: span(point.watch_time_hours * 3600),
        viewers: count(point.unique_viewers),
      }));
      await this.draw(answer.data);
      if (this.scope === "days") await this.loadVideos();
    },

    async draw(data) {
      const { Charts } = await import("./chart.js");
      charts ??= new Charts(this.$root);
      const labels = data.map((point) => moment(point.date));
      charts.draw("views", { labels, values: data.map((point) => point.views), format: wholes });
      charts.draw("viewers", { labels, values: data.map((point) => point.unique_viewers), format: wholes });
      const seconds = data.map((point) => point.watch_time_hours * 3600);
      charts.draw("watch_time", { labels, ...scale(seconds) });
    },

    videosQuery() {
      const query = new URLSearchParams({ timezone, sort: this.sort });
      if (this.scope === "days") query.set("from", daysAgo(this.days));
      return query;
    },

    async loadVideos() {
      this.videos = [];
      await this.loadMore();
    },

    async loadMore() {
      const wish = this.videosQuery().toString();
      const query = new URLSearchParams({ limit: PER_PAGE, offset: this.videos.length });
      const answer = await this.ask(`videos?${wish}&${query}`);
      if (!answer || wish !== this.videosQuery().toString()) return;
      const known = new Set(this.videos.map(({ id }) => id));
      this.videos.push(...answer.videos.map(row).filter(({ id }) => !known.has(id)));
      this.total = answer.total_count;
      this.loaded = true;
    },
  };
}

function row(video) {
  return {
    id: video.video_id,
    title: video.title,
    url: `/analytics/videos/${video.video_id}`,
    views: count(video.total_views),
    viewers: count(video.unique_viewers),
    watchTime: span(video.total_watch_time_seconds),
    average: average(video.avg_watch_duration_seconds),
    completion: share(video.completion_rate),
  };
}

function noFigures() {
  const names = ["total_views", "unique_viewers", "total_watch_time_hours", "avg_watch_duration_seconds"];
  names.push("completion_rate", "views_today", "views_this_week", "views_this_month");
  return Object.fromEntries(names.map((name) => [name, "–"]));
}

// Half a view there is not, though an axis may have a place for it.
function wholes(value) {
  return Number.isInteger(value) ? count(value) : "";
}

// The day with which so many days begin that end today, as 2026-05-06 in the browser's time zone.
function daysAgo(days) {
  const date = new Date();
  date.setDate(date.getDate() - Number(days) + 1);
  const parts = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  return parts.map((part) => String(part).padStart(2, "0")).join("-");
}
