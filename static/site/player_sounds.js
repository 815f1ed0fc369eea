// The sounds of a video: those that there are, the one that is heard, and the one that was chosen.
export class PlayerSounds {
  constructor(player) {
    this.player = player;
    this.chosen = null;
    // The files of all sounds in the master playlist.
    this.listed = [];
  }

  get tracks() {
    const { hls, video } = this.player;
    return (hls?.audioTracks ?? [...(video.audioTracks ?? [])]).map((track, index) => ({
      index,
      label: track.name || track.label || track.lang || track.language || `Track ${index + 1}`,
      language: track.lang || track.language || "",
    }));
  }

  get current() {
    const { hls, video } = this.player;
    return hls ? hls.audioTrack : [...(video.audioTracks ?? [])].findIndex(({ enabled }) => enabled);
  }

  choose(index) {
    const { hls, video } = this.player;
    if (hls) {
      const { lang, name } = hls.audioTracks[index];
      this.chosen = { lang, name };
      hls.audioTrack = index;
    } else {
      for (const [place, track] of [...video.audioTracks].entries()) track.enabled = place === index;
    }
    this.player.tell("sounds");
  }

  // After the master was loaded anew, with other sounds beside the chosen one perhaps.
  restore() {
    if (this.chosen) this.player.hls.setAudioOption(this.chosen);
    this.player.tell("sounds");
  }
}
