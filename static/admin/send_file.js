// One file as multipart/form-data, with news of how it goes.
import { problem } from "./api.js";

const SMOOTHING = 0.15;
const NEWS_MS = 200;
const CUT = "The connection was lost. Nothing was kept on the server; try again.";

export function sendFile(file, { title, visibility, publishAt, category }, onNews) {
  const request = new XMLHttpRequest();
  const form = new FormData();
  form.append("title", title);
  form.append("visibility", visibility);
  if (publishAt) form.append("published_at", publishAt);
  if (category) form.append("category_id", category);
  // The server streams the body: what it must know first comes first.
  form.append("file", file, file.name);

  const answer = new Promise((resolve, reject) => {
    request.upload.addEventListener("progress", meter(onNews));
    request.addEventListener("load", () => {
      if (request.status === 201) resolve(JSON.parse(request.responseText));
      else reject(new Error(problem(request.status, request.responseText)));
    });
    request.addEventListener("error", () => reject(new Error(CUT)));
    request.addEventListener("abort", () => reject(new DOMException("cancelled", "AbortError")));
  });
  request.open("POST", "/api/videos");
  request.setRequestHeader("Accept", "application/json");
  request.send(form);
  return { answer, abort: () => request.abort() };
}

// Bytes per second, smoothed, and what follows from it.
function meter(onNews) {
  let last = { at: performance.now(), sent: 0 };
  let speed = 0;
  return ({ loaded, total }) => {
    const at = performance.now();
    if (at - last.at < NEWS_MS && loaded < total) return;
    const now = ((loaded - last.sent) / Math.max(1, at - last.at)) * 1000;
    speed = speed ? speed + SMOOTHING * (now - speed) : now;
    last = { at, sent: loaded };
    const left = speed ? (total - loaded) / speed : null;
    onNews({ percent: (loaded / total) * 100, sent: loaded, total, speed, left });
  };
}
