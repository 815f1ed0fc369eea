// One file on its way by tus: it can pause, and go on after a cut, a reload or a restart.
import { Upload, defaultOptions } from "tus-js-client";

import { bytes } from "../site/format.js";
import { problem } from "./api.js";

const ENDPOINT = "/api/uploads";
// A proxy's limit costs at most one part.
const PART_BYTES = 32 * 1024 * 1024;
const RETRY_MS = [0, 1000, 3000, 5000, 10_000, 20_000];
const SMOOTHING = 0.15;
const NEWS_MS = 200;
const CUT = "The connection was lost. What has arrived is kept; try again, and it goes on from there.";
const MEDIA =
  /\.(mp4|m4v|mov|mkv|webm|avi|ts|mts|m2ts|flv|3gp|3g2|ogv|mpg|mpeg|vob|wmv|asf|mxf|mp3|m4a|wav|flac|ogg|oga|opus|aac|wma|aiff)$/i;

// What is wrong with a file can often be said before a byte of it is sent.
export function complaint(file) {
  if (file.size === 0) return "This file is empty.";
  if (/^(video|audio)\//.test(file.type) || MEDIA.test(file.name) || !file.type) return "";
  return "This is not a video or a sound.";
}

// And whether there is room for it. `space`: what the server answered, if it did.
export function spaceComplaint({ size }, space) {
  if (!space) return "";
  if (space.largest_bytes !== null && size > space.largest_bytes)
    return `This file is larger than the ${bytes(space.largest_bytes)} that this server takes.`;
  if (space.quota_free_bytes !== null && size > space.quota_free_bytes)
    return (
      `VLog may store ${bytes(space.quota_bytes)}, and ${bytes(space.stored_bytes)} are taken, so this file of ` +
      `${bytes(size)} does not fit. Remove videos first.`
    );
  if (size > space.disk_free_bytes)
    return `There is not enough free space on the server: this file has ${bytes(size)}, and there is room for ${bytes(space.disk_free_bytes)}.`;
  return "";
}

// Where the upload stands that this browser once began of this very file, if the server still has it.
export async function begunBefore(file, ask) {
  const upload = new Upload(file, { endpoint: ENDPOINT });
  const found = await upload.findPreviousUploads();
  for (const previous of found.reverse()) {
    try {
      return { previous, upload: await ask(new URL(previous.uploadUrl, location.href).pathname) };
    } catch {
      await defaultOptions.urlStorage.removeUpload(previous.urlStorageKey);
    }
  }
  return null;
}

// Uploads that this browser began and that were not finished.
export async function unfinished(ask) {
  const known = await defaultOptions.urlStorage.findAllUploads();
  if (!known.length) return [];
  const paths = new Map(known.map((one) => [new URL(one.uploadUrl, location.href).pathname, one.urlStorageKey]));
  const { uploads } = await ask(ENDPOINT);
  const open = uploads.filter(({ url, video_id: video }) => video === null && paths.has(url));
  return open.map((upload) => ({ ...upload, key: paths.get(upload.url) }));
}

export function forget(key) {
  return defaultOptions.urlStorage.removeUpload(key);
}

export class ResumableFile {
  constructor(file, metadata, { onUrl, onNews }) {
    this.videoId = null;
    this.answer = null;
    this.upload = new Upload(file, {
      endpoint: ENDPOINT,
      chunkSize: PART_BYTES,
      retryDelays: RETRY_MS,
      onShouldRetry: mayPass,
      metadata,
      removeFingerprintOnSuccess: true,
      onUploadUrlAvailable: () => onUrl(new URL(this.upload.url, location.href).pathname),
      onProgress: meter(onNews),
      onAfterResponse: (request, response) => {
        this.videoId = response.getHeader("Vlog-Video-Id") ?? this.videoId;
      },
      onSuccess: () => this.answer.resolve(this.videoId),
      onError: (error) => this.answer.reject(understood(error)),
    });
  }

  goOnFrom(previous) {
    this.upload.resumeFromPreviousUpload(previous);
  }

  // The id of the video, once it is one.
  send() {
    return new Promise((resolve, reject) => {
      this.answer = { resolve, reject };
      this.upload.start();
    });
  }

  async pause() {
    this.answer?.reject(new DOMException("paused", "AbortError"));
    await this.upload.abort();
  }

  async cancel() {
    this.answer?.reject(new DOMException("cancelled", "AbortError"));
    await this.upload.abort(true);
  }
}

// A full disk is told at once: a person must do something about it.
function mayPass(error) {
  const status = error.originalResponse?.getStatus() ?? 0;
  const passing = status < 400 || status === 409 || status === 423 || status >= 500;
  return passing && status !== 507 && navigator.onLine;
}

function understood(error) {
  const response = error.originalResponse;
  const told = new Error(response ? problem(response.getStatus(), response.getBody()) : CUT);
  told.cut = !response;
  return told;
}

// Bytes per second, smoothed, and what follows from it.
function meter(onNews) {
  let last = null;
  let speed = 0;
  return (sent, total) => {
    const at = performance.now();
    if (last === null || sent < last.sent) last = { at, sent };
    if (at - last.at < NEWS_MS && sent < total) return;
    if (at > last.at) {
      const now = ((sent - last.sent) / (at - last.at)) * 1000;
      speed = speed ? speed + SMOOTHING * (now - speed) : now;
    }
    last = { at, sent };
    onNews({ percent: (sent / total) * 100, sent, total, speed, left: speed ? (total - sent) / speed : null });
  };
}
