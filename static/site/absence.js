// A page in the place of a video that is not there yet: it says how far it is, and becomes the video.
const PAUSES_MS = { preparing: 3000, failed: 30_000, scheduled: 30_000 };
const LONGEST_MS = 60_000;
const MOST_WAIT_MS = 2 ** 31 - 1;

export function followAbsence(panel) {
  const state = panel.dataset.absence;
  const text = panel.querySelector("[data-absence-text]");
  const moment = panel.querySelector("[data-absence-at]");
  if (moment) inLocalTime(moment);
  if (!PAUSES_MS[state]) return;
  let failures = 0;
  let timer = 0;

  const plan = () => {
    const pause = Math.min(LONGEST_MS, PAUSES_MS[state] * 2 ** failures);
    timer = setTimeout(look, moment ? Math.min(pause, untilMoment(moment)) : pause);
  };

  const look = async () => {
    clearTimeout(timer);
    const fresh = await pageNow();
    if (fresh?.querySelector("[data-player]")) return location.reload();
    const now = fresh?.querySelector("[data-absence]");
    if (now && now.dataset.absence !== state) return location.reload();
    failures = now ? 0 : failures + 1;
    if (now && !moment) show(now);
    return document.hidden || plan();
  };

  const show = (now) => {
    const words = now.querySelector("[data-absence-text]").textContent;
    if (text.textContent !== words) text.textContent = words;
    const bar = panel.querySelector("[data-absence-percent]");
    const value = now.querySelector("[data-absence-percent]")?.value;
    if (bar && value !== undefined) bar.value = value;
  };

  document.addEventListener("visibilitychange", () => document.hidden || look());
  plan();
}

async function pageNow() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  return answer && new DOMParser().parseFromString(await answer.text(), "text/html");
}

function untilMoment(element) {
  const left = new Date(element.dateTime) - Date.now();
  return Math.min(MOST_WAIT_MS, Math.max(1000, left + 1000));
}

function inLocalTime(element) {
  element.textContent = new Date(element.dateTime).toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short" });
}
