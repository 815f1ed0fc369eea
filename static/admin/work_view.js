// From the API's work to what the page shows.
import { bytes, clock, listed, moment, plural, timeLeft, timeOfDay } from "../site/format.js";

const KINDS = { video: "New video", revision: "Encoded anew; viewers keep what they have", rung: "One more quality", replacement: "A new file; viewers keep the old one until it is checked" };
const PIECES = {
  plan: "Looking at the file",
  thumbnail: "Picture for the list",
  subtitles: "Subtitles of the file",
  storyboard: "Storyboard",
  finalize: "Checking every file",
};

export function jobView(job) {
  const moving = job.state === "running";
  const line = lineOf(job);
  return {
    ...job,
    last_error: unsaid(job.last_error, line),
    key: `${job.video_id}-${job.revision}`,
    href: `/videos/${job.video_id}`,
    what: whatOf(job),
    line,
    moving,
    leases: job.leases.map(leaseView),
    leasesLine: `${plural(job.leases.length, "piece")} of it at work`,
    priorityLabel: `When the work on ${job.title} is done`,
    retryLabel: `Retry ${job.title}`,
    progressLabel: `How far ${job.title} is`,
  };
}

// What waits to be tried again says in its line what went wrong; once is enough.
function unsaid(error, line) {
  return error && line.includes(error) ? null : error;
}

function whatOf(job) {
  const said = [job.rung ? `${job.rung} is added; viewers keep what they have` : KINDS[job.kind]];
  if (job.kind === "video" && job.playable) said.push("can be watched already");
  if (job.state === "failed" && job.failed_at) said.push(`failed on ${moment(job.failed_at)}`);
  if (job.parts_total > 1) said.push(`${job.parts_done} of ${job.parts_total} parts are done`);
  if (job.attempt > 1) said.push(`attempt ${job.attempt} of ${job.max_attempts}`);
  return said.join(" · ");
}

function lineOf(job) {
  if (job.state === "failed") return "";
  if (job.state === "waiting") {
    const again = job.next_try && new Date(job.next_try) > new Date() ? ` It is tried again at ${moment(job.next_try)}.` : "";
    return `${job.waiting_for ?? "It begins in a moment."}${again}`;
  }
  const said = [job.current_step, `${Math.floor(job.progress_percent)}%`];
  if (job.speed !== null) said.push(`${job.speed.toFixed(1)}× real time`);
  said.push(timeLeft(job.seconds_left));
  return said.filter(Boolean).join(" · ");
}

function leaseView(lease) {
  const stretch = lease.start === null ? "" : `${clock(lease.start)} to ${clock(lease.end)}`;
  const names = lease.renditions.length ? listed(lease.renditions) : (PIECES[lease.kind] ?? lease.kind);
  const said = [`since ${timeOfDay(lease.since)}`];
  if (lease.speed !== null) said.push(`${lease.speed.toFixed(1)}× real time`);
  if (lease.attempt > 1) said.push(`attempt ${lease.attempt}`);
  said.push(`by ${lease.owner}`);
  return {
    key: `${lease.kind}-${names}-${lease.start}`,
    what: [names, stretch].filter(Boolean).join(", "),
    line: said.join(" · "),
  };
}

export function transcriptionView(one) {
  const failed = one.state === "failed";
  const line = spokenLine(one);
  return {
    ...one,
    last_error: unsaid(one.last_error, line),
    key: `${one.video_id}-${one.state}`,
    href: `/videos/${one.video_id}`,
    failed,
    moving: one.state === "running",
    line,
    retryLabel: `Transcribe ${one.title} again`,
    progressLabel: `How much of ${one.title} is written down`,
  };
}

// What all that wait wait for, where there are several: said once, above them.
export function sharedReason(transcriptions) {
  const waiting = transcriptions.filter(({ state }) => state === "waiting");
  const [reason] = waiting.map((one) => one.line);
  return waiting.length > 1 && waiting.every((one) => one.line === reason) ? reason : "";
}

function spokenLine(one) {
  if (one.state === "failed") return "It failed.";
  if (one.state === "waiting") return one.waiting_for ?? "";
  const said = ["Speech is being written down", `${Math.floor(one.progress_percent)}%`, timeLeft(one.seconds_left)];
  if (one.since) said.push(`since ${timeOfDay(one.since)}`);
  return said.filter(Boolean).join(" · ");
}

export function uploadView(one) {
  const percent = one.length ? (one.offset / one.length) * 100 : 0;
  const aim = one.replaces ? "replaces a video’s file" : "";
  const state = one.sending ? "arriving now" : `waits to go on until ${moment(one.expires_at)}`;
  return {
    ...one,
    percent,
    line: [`${bytes(one.offset)} of ${bytes(one.length)}`, state, aim].filter(Boolean).join(" · "),
    progressLabel: `How much of ${one.filename} has arrived`,
  };
}
