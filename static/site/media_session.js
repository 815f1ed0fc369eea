// What the system shows on its lock screen and sends from its media keys.
const SKIP_SECONDS = 10;

export function connectMediaSession(controls) {
  const { mediaSession } = navigator;
  if (!mediaSession || !window.MediaMetadata) return;
  const { player, video, root } = controls;
  const { title, artist, posterUrl, nextUrl } = root.dataset;
  const artwork = posterUrl ? [{ src: new URL(posterUrl, location.href).href, type: "image/jpeg" }] : [];
  const actions = {
    play: () => player.resume().catch(() => {}),
    pause: () => player.pause(),
    seekbackward: ({ seekOffset }) => controls.skip(-(seekOffset ?? SKIP_SECONDS)),
    seekforward: ({ seekOffset }) => controls.skip(seekOffset ?? SKIP_SECONDS),
    seekto: ({ seekTime }) => controls.seekTo(seekTime),
    nexttrack: nextUrl ? () => location.assign(nextUrl) : null,
  };
  video.addEventListener("play", () => {
    mediaSession.metadata = new MediaMetadata({ title, artist, artwork });
    for (const [name, handler] of Object.entries(actions)) {
      try {
        mediaSession.setActionHandler(name, handler);
      } catch {
        // An action that this browser does not know.
      }
    }
  });
  for (const type of ["play", "pause", "seeked", "ratechange", "durationchange"]) {
    video.addEventListener(type, () => tellPosition(mediaSession, player));
  }
}

function tellPosition(mediaSession, player) {
  const { duration, place, video } = player;
  mediaSession.playbackState = player.wantsPause ? "paused" : "playing";
  if (!duration || !Number.isFinite(duration) || place > duration) return;
  mediaSession.setPositionState?.({ duration, position: place, playbackRate: video.playbackRate });
}
