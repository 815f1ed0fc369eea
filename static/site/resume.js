// What this browser remembers of videos that were not watched to their ends.
import { clock } from "./format.js";

const PREFIX = "vlog.resume.";
const MOST = 8;
const BEGUN_SECONDS = 5;
const NEARLY_ALL = 0.95;

// By slug: {t, d, at}, seconds watched, seconds in all, and when (epoch in milliseconds).
export function remembered() {
  const found = new Map();
  for (const name of namesInStorage()) {
    const entry = read(name);
    if (Number.isFinite(entry?.t) && entry.d > 0) found.set(name.slice(PREFIX.length), entry);
  }
  return found;
}

// Storage that is switched off remembers nothing.
function namesInStorage() {
  try {
    return Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
  } catch {
    return [];
  }
}

function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
}

// A bar under the picture of each card whose video was begun.
export function markWatched(root = document) {
  const entries = remembered();
  for (const card of root.querySelectorAll(".card[data-slug]")) {
    const entry = entries.get(card.dataset.slug);
    if (entry && !card.querySelector(".card-watched")) card.querySelector(".card-poster").append(barOf(entry));
  }
}

function barOf({ t, d }) {
  const bar = document.createElement("progress");
  bar.className = "card-watched";
  bar.max = d;
  bar.value = t;
  bar.setAttribute("aria-label", `Watched until ${clock(t)}`);
  return bar;
}

// The row takes its place at once, so that nothing moves when the answer comes.
export async function continueWatching(section) {
  const begun = [...remembered()]
    .filter(([, { t, d }]) => t >= BEGUN_SECONDS && t < d * NEARLY_ALL)
    .sort(([, a], [, b]) => (b.at ?? 0) - (a.at ?? 0))
    .slice(0, MOST)
    .map(([slug]) => slug);
  if (begun.length === 0) return;
  const cards = section.querySelector("[data-continue-cards]");
  const spare = section.querySelector("template").content;
  cards.append(...begun.map(() => spare.cloneNode(true)));
  section.hidden = false;
  const videos = await ask(begun);
  cards.replaceChildren(...begun.filter((slug) => videos.has(slug)).map((slug) => cardOf(spare, videos.get(slug))));
  section.hidden = cards.childElementCount === 0;
  markWatched(cards);
}

async function ask(slugs) {
  const query = new URLSearchParams({ slugs: slugs.join(","), limit: slugs.length });
  try {
    const answer = await fetch(`/api/videos?${query}`);
    const { videos } = await answer.json();
    return new Map(videos.map((video) => [video.slug, video]));
  } catch {
    return new Map();
  }
}

function cardOf(spare, video) {
  const copy = spare.cloneNode(true);
  const card = copy.querySelector(".card");
  card.dataset.slug = video.slug;
  const link = card.querySelector("a");
  link.href = video.watch_url;
  link.textContent = video.title;
  const image = card.querySelector("img");
  if (video.thumbnail_url) image.src = video.thumbnail_url;
  else image.remove();
  card.querySelector("[data-time]").textContent = clock(video.duration);
  return copy;
}
