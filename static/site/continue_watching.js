// The row of videos that were begun in this browser and not watched to their ends.
import { clock } from "./format.js";
import { placeOf, places } from "./places.js";

const MOST = 8;

// The row takes its place at once, so that nothing moves when the answer comes.
export async function continueWatching(section) {
  // The store has the newest first.
  const begun = Object.keys(places()).filter((slug) => placeOf(slug) > 0).slice(0, MOST);
  if (begun.length === 0) return;
  const cards = section.querySelector("[data-continue-cards]");
  const spare = section.querySelector("template").content;
  cards.append(...begun.map(() => spare.cloneNode(true)));
  section.hidden = false;
  const videos = await ask(begun);
  cards.replaceChildren(...begun.filter((slug) => videos.has(slug)).map((slug) => cardOf(spare, videos.get(slug))));
  section.hidden = cards.childElementCount === 0;
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
  if (video.storyboard_url) card.dataset.storyboard = video.storyboard_url;
  const link = card.querySelector("a");
  link.href = video.watch_url;
  link.textContent = video.title;
  const image = card.querySelector("img");
  if (video.thumbnail_url) image.src = video.thumbnail_url;
  else image.remove();
  card.querySelector("[data-time]").textContent = clock(video.duration);
  return copy;
}
