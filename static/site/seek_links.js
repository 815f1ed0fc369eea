// Links to a time in the video: they seek instead of loading the page anew.
export function followSeekLinks(player) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-seek-to]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    goTo(player, Number(link.dataset.seekTo));
    player.root.scrollIntoView({ block: "nearest", behavior: motion() });
  });
  markChapters(player);
}

export function goTo(player, seconds) {
  player.controls.seekTo(seconds);
  player.resume().catch(() => {});
}

export function motion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
}

function markChapters(player) {
  const links = [...document.querySelectorAll("[data-chapter-list] a")];
  if (links.length === 0) return;
  player.video.addEventListener("timeupdate", () => {
    const current = links.findLast((link) => Number(link.dataset.seekTo) <= player.place + 0.01);
    for (const link of links) {
      if (link === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  });
}
