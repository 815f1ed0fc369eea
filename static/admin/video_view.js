// From the API's video to what a row or a page shows.
import { bytes, clock, number, timeLeft } from "../site/format.js";

const WORDS = { pending: "Waiting", processing: "Processing", ready: "Ready", failed: "Failed" };
const STEPS = { pending: "Waiting", ready: "Ready", failed: "Failed" };

export function videoView(video) {
  const working = video.status === "pending" || video.status === "processing";
  return {
    ...video,
    word: WORDS[video.status],
    working,
    watchable: video.playable && video.published,
    hidden: video.visibility === "private" || video.visibility === "scheduled",
    time: video.duration ? clock(video.duration) : "Not known",
    line: working ? workLine(video) : "",
    renditions: video.renditions.map((rung) => renditionView(rung, video)),
    beside: besideView(video.beside),
    changeable: isChangeable(video) && video.buildable.length > 0,
    sizeLine: sizeLine(video),
    sourceUrl: `/api/videos/${video.id}/source`,
    has: Object.fromEntries(video.qualities.map(({ quality }) => [quality, true])),
    missing: video.buildable.filter((name) => video.qualities.every(({ quality }) => quality !== name)),
    fromLine: fromLine(video),
    sourceLine: sourceLine(video),
    pictureLine: video.source_width ? `${video.source_width} × ${video.source_height}` : "Not known",
  };
}

// What a page holds before the first answer has come.
export function noVideo() {
  return {
    id: 0, title: "", status: "pending", word: "", playable: false, watchable: false, hidden: false, visibility: "", working: false, line: "",
    time: "", error_message: null, error_log: null, notice: null, progress_percent: 0, renditions: [],
    sourceLine: "", sizeLine: "", sourceUrl: "", source_present: false, pictureLine: "", beside: null, changeable: false, buildable: [], missing: [], has: {}, fromLine: "",
  };
}

function workLine({ progress, playable }) {
  if (progress.waiting_for) return progress.waiting_for;
  const parts = [sentence(progress.current_step)];
  const left = timeLeft(progress.seconds_left);
  if (playable) parts.push("It can be watched already.");
  if (left) parts.push(sentence(left));
  if (progress.attempt > 1) parts.push(`Attempt ${progress.attempt} of ${progress.max_attempts}.`);
  return parts.filter(Boolean).join(" ");
}

function sentence(words) {
  if (!words) return "";
  const text = words[0].toUpperCase() + words.slice(1);
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

function besideView(beside) {
  if (beside === null) return null;
  const failed = beside.status === "failed";
  return {
    title: besideTitle(beside),
    line: failed ? "What viewers have stays as it is." : workLine({ progress: beside.progress, playable: false }),
    percent: beside.progress.progress_percent,
    working: !failed,
    failed,
    error: failed ? beside.error_message : "",
  };
}

function besideTitle({ rung, replaces_file: replaces, source_filename: file }) {
  if (replaces) return `${file} takes the place of the file`;
  return rung ? `${rung} is being made` : "This video is being encoded anew";
}

function fromLine({ source_present: present, qualities }) {
  const stay = "Viewers keep what they have until everything new is checked.";
  if (present) return `The original is read again. ${stay}`;
  return `The original was removed, so ${qualities[0]?.quality ?? "the best quality"} is read in its place: nothing gets better than that. ${stay}`;
}

function renditionView(rung, video) {
  const moving = rung.status === "processing";
  const state = moving ? `${Math.floor(rung.progress)}%` : STEPS[rung.status];
  const how = rung.copied ? "copied from the original" : "encoded";
  return {
    ...rung,
    moving,
    label: rung.kind === "audio" ? soundLabel(rung) : rung.name,
    remakable: isChangeable(video) && rung.kind === "video" && video.buildable.includes(rung.name),
    droppable: video.status === "ready" && rung.kind === "video" && video.qualities.length > 1,
    picture: rung.width ? `${rung.width} × ${rung.height}` : "–",
    rate: rung.bitrate ? `${number(rung.bitrate / 1000)} kbit/s` : "–",
    onDisk: rung.size ? bytes(rung.size) : "–",
    state: rung.status === "ready" || rung.copied ? `${state}, ${how}` : state,
  };
}

// "Sound", or what the file calls it, or its language.
function soundLabel({ name, title, language }) {
  const number = name.split("-")[1];
  const called = title || (language ? languageName(language) : "");
  return [number ? `Sound ${number}` : "Sound", called].filter(Boolean).join(": ");
}

function languageName(tag) {
  try {
    return new Intl.DisplayNames("en", { type: "language" }).of(tag);
  } catch {
    return tag;
  }
}

function isChangeable(video) {
  return video.status === "ready" && video.beside === null;
}

function sizeLine({ renditions_size: made, source_size: came, source_present: kept }) {
  if (!made) return "";
  const all = `${bytes(made)} in all`;
  return kept && came ? `${all}, and ${bytes(made + came)} with the original` : all;
}

function sourceLine(video) {
  const size = bytes(video.source_size);
  if (video.source_present) return `${size}, kept`;
  return size ? `${size}, removed after everything was checked` : "Not there";
}
