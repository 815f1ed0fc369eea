// How far each video was watched, kept in this browser alone.
import { read, write } from "./preferences.js";

const STORE = "vlog.places";
const MOST = 300;
const FIRST_SECONDS = 5;
const LAST_SHARE = 0.05;

// {slug: [seconds, duration, when]}
export function places() {
  return read(STORE);
}

export function keepPlace(slug, seconds, duration) {
  if (!slug || !duration || seconds < FIRST_SECONDS) return;
  const kept = Object.entries({ ...places(), [slug]: [Math.round(seconds), Math.round(duration), Date.now()] });
  kept.sort(([, [, , one]], [, [, , other]]) => other - one);
  write(STORE, Object.fromEntries(kept.slice(0, MOST)));
}

// Where to go on, in seconds: nothing for what was hardly begun or nearly seen to its end.
export function placeOf(slug) {
  const [seconds = 0, duration = 0] = places()[slug] ?? [];
  return seconds >= FIRST_SECONDS && seconds < duration * (1 - LAST_SHARE) ? seconds : 0;
}

export function shareWatched(slug) {
  const [seconds = 0, duration = 0] = places()[slug] ?? [];
  if (!duration) return 0;
  const share = seconds / duration;
  return share >= 1 - LAST_SHARE ? 1 : share;
}

// "90", "1m30s", "1:30" and "1:02:03" -> seconds; null for anything else.
export function secondsOf(text) {
  const words = (text ?? "").trim().toLowerCase();
  if (/^\d+(\.\d+)?s?$/.test(words)) return parseFloat(words);
  if (/^(\d+:)?\d{1,3}:\d{1,2}$/.test(words)) {
    return words.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  }
  const [, hours, minutes, seconds] = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(words) ?? [];
  if (hours === undefined && minutes === undefined && seconds === undefined) return null;
  return Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
}
