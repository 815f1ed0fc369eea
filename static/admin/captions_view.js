// From the API's captions to what the page shows, and times as people write them.
import { number, plural, timeLeft } from "../site/format.js";

const ORIGINS = {
  automatic: "Written automatically",
  edited: "Edited",
  uploaded: "Uploaded",
  embedded: "Came with the file",
};
const STATES = {
  none: "Nobody has asked for automatic captions yet.",
  waiting: "Waiting.",
  running: "Speech is being written down.",
  completed: "All speech was written down.",
  skipped: "Skipped.",
  cancelled: "Cancelled.",
  failed: "The speech could not be written down.",
};

const BUTTONS = { none: "Write captions", waiting: "Wait for this language", running: "" };

export function captionsView(captions, slug) {
  const file = `/videos/${slug}/captions-${captions.language}`;
  return {
    ...captions,
    originWord: ORIGINS[captions.origin],
    words: number(captions.word_count),
    downloads: ["vtt", "srt", "txt"].map((kind) => ({
      kind,
      word: kind.toUpperCase(),
      address: `${file}.${kind}`,
      name: `${slug}.${captions.language}.${kind}`,
      label: `Download ${captions.label} as ${kind.toUpperCase()}`,
    })),
  };
}

export function noWork() {
  return { line: "", open: false, running: false, percent: 0, error: "", button: "Write captions" };
}

export function workView(work) {
  const running = work.status === "running";
  const parts = [STATES[work.status]];
  if (work.reason) parts.push(work.reason);
  if (running) {
    parts.push(`${Math.floor(work.progress_percent)}%`);
    if (work.seconds_left !== null) parts.push(`${timeLeft(work.seconds_left)}.`);
  }
  if (work.status === "completed") parts.push(`${plural(work.word_count, "word")}.`);
  return {
    line: parts.join(" "),
    open: running || work.status === "waiting",
    running,
    percent: work.progress_percent,
    error: work.error_message ?? "",
    button: BUTTONS[work.status] ?? "Write captions again",
  };
}

// 3723.5 -> "1:02:03.500".
export function written(seconds) {
  const whole = Math.round(seconds * 1000);
  const pad = (value, length) => String(value).padStart(length, "0");
  const hours = Math.floor(whole / 3_600_000);
  const minutes = Math.floor(whole / 60_000) % 60;
  const rest = `${pad(Math.floor(whole / 1000) % 60, 2)}.${pad(whole % 1000, 3)}`;
  return hours ? `${hours}:${pad(minutes, 2)}:${rest}` : `${minutes}:${rest}`;
}

// "1:02:03.5" -> 3723.5; NaN for what is no time.
export function secondsOf(text) {
  const found = /^(?:(\d+):)?(?:(\d+):)?(\d+(?:[.,]\d{1,3})?)$/.exec(text.trim());
  if (!found) return NaN;
  const [, first, second, rest] = found;
  const hours = second === undefined ? 0 : Number(first ?? 0);
  const minutes = Number(second ?? first ?? 0);
  return Math.round(((hours * 60 + minutes) * 60 + Number(rest.replace(",", "."))) * 1000) / 1000;
}
