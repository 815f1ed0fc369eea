import Alpine from "@alpinejs/csp";

import { captionsSection } from "./captions_section.js";
import { analyticsPage } from "./analytics_page.js";
import { analyticsVideo } from "./analytics_video.js";
import { chapterEditor } from "./chapter_editor.js";
import { categoryPage } from "./category_page.js";
import { embeddingSection } from "./embedding_section.js";
import { fileReplacement } from "./file_replacement.js";
import { playlistList } from "./playlist_list.js";
import { playlistPage } from "./playlist_page.js";
import { prose } from "./prose.js";
import { settingsForm, siteLogo } from "./settings_page.js";
import { shareLinks } from "./share_links.js";
import { storagePage } from "./storage_page.js";
import { thumbnailSection } from "./thumbnail_section.js";
import { trashList } from "./trash_list.js";
import { uploads } from "./uploads.js";
import { videoList } from "./video_list.js";
import { videoPage } from "./video_page.js";
import { watchedFolder } from "./watched_folder.js";
import { webhookLog } from "./webhook_log.js";
import { webhooksPage } from "./webhooks_page.js";
import { workPage } from "./work_page.js";

Alpine.data("captionsSection", captionsSection);
Alpine.data("analyticsPage", analyticsPage);
Alpine.data("analyticsVideo", analyticsVideo);
Alpine.data("categoryPage", categoryPage);
Alpine.data("chapterEditor", chapterEditor);
Alpine.data("embeddingSection", embeddingSection);
Alpine.data("fileReplacement", fileReplacement);
Alpine.data("playlistList", playlistList);
Alpine.data("playlistPage", playlistPage);
Alpine.data("settingsForm", settingsForm);
Alpine.data("shareLinks", shareLinks);
Alpine.data("siteLogo", siteLogo);
Alpine.data("storagePage", storagePage);
Alpine.data("thumbnailSection", thumbnailSection);
Alpine.data("trashList", trashList);
Alpine.data("uploads", uploads);
Alpine.data("videoList", videoList);
Alpine.data("videoPage", videoPage);
Alpine.data("watchedFolder", watchedFolder);
Alpine.data("webhookLog", webhookLog);
Alpine.data("webhooksPage", webhooksPage);
Alpine.data("workPage", workPage);
Alpine.directive("prose", (element, { expression }, { evaluateLater, effect }) => {
  const read = evaluateLater(expression);
  effect(() => read((sentence) => prose(element, sentence)));
});
Alpine.start();

// Browsers that know no `scroll-initial-target` bring the entry of this page into sight here.
const nav = document.querySelector(".panel-nav");
const here = nav?.querySelector("[aria-current]");
if (here) {
  const [row, entry] = [nav.getBoundingClientRect(), here.getBoundingClientRect()];
  nav.scrollBy({ left: (entry.left + entry.right - row.left - row.right) / 2, behavior: "instant" });
}

const player = document.querySelector("[data-player]");
if (player) import("../site/mount_player.js").then(({ mountPlayer }) => mountPlayer(player));
