import Alpine from "@alpinejs/csp";

import { captionsSection } from "./captions_section.js";
import { analyticsPage } from "./analytics_page.js";
import { analyticsVideo } from "./analytics_video.js";
import { categoryPage } from "./category_page.js";
import { playlistList } from "./playlist_list.js";
import { playlistPage } from "./playlist_page.js";
import { settingsForm, siteLogo } from "./settings_page.js";
import { shareLinks } from "./share_links.js";
import { storagePage } from "./storage_page.js";
import { uploads } from "./uploads.js";
import { videoList } from "./video_list.js";
import { videoPage } from "./video_page.js";
import { watchedFolder } from "./watched_folder.js";
import { webhookLog } from "./webhook_log.js";
import { webhooksPage } from "./webhooks_page.js";

Alpine.data("captionsSection", captionsSection);
Alpine.data("analyticsPage", analyticsPage);
Alpine.data("analyticsVideo", analyticsVideo);
Alpine.data("categoryPage", categoryPage);
Alpine.data("playlistList", playlistList);
Alpine.data("playlistPage", playlistPage);
Alpine.data("settingsForm", settingsForm);
Alpine.data("shareLinks", shareLinks);
Alpine.data("siteLogo", siteLogo);
Alpine.data("storagePage", storagePage);
Alpine.data("uploads", uploads);
Alpine.data("videoList", videoList);
Alpine.data("videoPage", videoPage);
Alpine.data("watchedFolder", watchedFolder);
Alpine.data("webhookLog", webhookLog);
Alpine.data("webhooksPage", webhooksPage);
Alpine.start();

const player = document.querySelector("[data-player]");
if (player) import("../site/mount_player.js").then(({ mountPlayer }) => mountPlayer(player));
