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
import { shareLinks } from "./share_links.js";
import { thumbnailSection } from "./thumbnail_section.js";
import { uploads } from "./uploads.js";
import { videoList } from "./video_list.js";
import { videoPage } from "./video_page.js";
import { watchedFolder } from "./watched_folder.js";
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
Alpine.data("shareLinks", shareLinks);
Alpine.data("thumbnailSection", thumbnailSection);
Alpine.data("uploads", uploads);
Alpine.data("videoList", videoList);
Alpine.data("videoPage", videoPage);
Alpine.data("watchedFolder", watchedFolder);
Alpine.data("workPage", workPage);
Alpine.start();

const player = document.querySelector("[data-player]");
if (player) import("../site/mount_player.js").then(({ mountPlayer }) => mountPlayer(player));
