// How the analytics pages put numbers.
import { clock } from "../site/format.js";

const whole = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const fine = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

export const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

// null stands for what is not known any more.
export function count(value) {
  return value === null || value === undefined ? "–" : whole.format(value);
}

export function percent(value) {
  return `${short.format(value)}%`;
}

export function share(value) {
  return percent(value * 100);
}

// 45 -> "45 s", 600 -> "10 min", 7200 -> "2 h".
export function span(seconds) {
  if (seconds < 60) return `${short.format(seconds)} s`;
  if (seconds < 3600) return `${short.format(seconds / 60)} min`;
  return `${short.format(seconds / 3600)} h`;
}

export function secondsOf(milliseconds) {
  return milliseconds === null ? "–" : fine.format(milliseconds / 1000);
}

// The unit in which a chart of seconds is read, by its highest value.
export function scale(seconds) {
  const most = Math.max(...seconds);
  const [unit, name] = most < 120 ? [1, "s"] : most < 7200 ? [60, "min"] : [3600, "h"];
  return { values: seconds.map((value) => value / unit), format: (value) => `${short.format(value)} ${name}` };
}

export function average(seconds) {
  return clock(seconds);
}

// "2026-05-06" -> "6 May", "2026-05-06T14:00+02:00" -> "6 May, 14:00": in its own time zone.
export function moment(label) {
  const [date, time] = label.split("T");
  const [year, month, number] = date.split("-").map(Number);
  const named = day.format(new Date(year, month - 1, number));
  return time ? `${named}, ${time.slice(0, 5)}` : named;
}
