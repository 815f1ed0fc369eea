// Televisions and loudspeakers: AirPlay and the Remote Playback API, where the browser has found some.
export function offerRemotePlayback(player, { airplay, cast }) {
  const { video } = player;
  if (video.webkitShowPlaybackTargetPicker) {
    video.addEventListener("webkitplaybacktargetavailabilitychanged", ({ availability }) => {
      airplay.hidden = availability !== "available";
    });
    airplay.addEventListener("click", () => {
      player.playWithout().catch(() => {});
      video.webkitShowPlaybackTargetPicker();
    });
  } else if (video.remote && !player.guarded) {
    // What receives it is a page of another site.
    video.remote.watchAvailability((available) => (cast.hidden = !available)).catch(() => {});
    cast.addEventListener("click", async () => {
      await player.playWithout();
      await video.remote.prompt().catch(() => {});
    });
  }
}
