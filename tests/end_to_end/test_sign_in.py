"""From the set-up link to the audit log, as an admin goes, in a browser without any script."""

from __future__ import annotations

import signal

import httpx
from playwright.sync_api import Browser, expect

from tests.end_to_end.browser import watched_page
from tests.end_to_end.conftest import StartServer
from tests.end_to_end.server import Server, wait_for

FIRST, SECOND = "correct horse battery", "another battery staple"


def _with_token(server: Server, token: str, method: str, path: str) -> int:
    at = f"http://127.0.0.1:{server.admin_port}{path}"
    return httpx.request(method, at, headers={"authorization": f"Bearer {token}"}).status_code


def test_a_panel_is_closed_and_opened_to_a_program_and_closed_again(
    start_server: StartServer, browser: Browser
) -> None:
    server = start_server()
    panel = f"http://127.0.0.1:{server.admin_port}"
    (told,) = server.records("set_up_link")
    assert told["url"] in server.log.read_text().replace("\\/", "/")
    link = told["url"].replace("localhost", "127.0.0.1")
    with watched_page(browser, java_script_enabled=False) as page:
        page.goto(link)
        page.get_by_label("New password").fill(FIRST)
        page.get_by_label("The same once more").fill(FIRST)
        page.get_by_role("button", name="Set the password").click()
        expect(page.get_by_text("This browser")).to_be_visible()

        page.get_by_role("button", name="Sign out", exact=True).first.click()
        page.goto(f"{panel}/account")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        page.get_by_label("Password").fill(FIRST)
        page.get_by_role("button", name="Sign in").click()
        expect(page).to_have_url(f"{panel}/account")

        page.get_by_label("Name").fill("journey")
        page.get_by_role("checkbox", name="Read").check()
        page.get_by_role("button", name="Make a token").click()
        token = page.get_by_label("Your new token").input_value()
        assert _with_token(server, token, "GET", "/api/videos") == 200
        assert _with_token(server, token, "DELETE", "/api/videos/1") == 403

        page.get_by_text("Revoke", exact=True).click()
        page.get_by_role("button", name="Really revoke journey").click()
        expect(page.get_by_text("The token is revoked.")).to_be_visible()
        assert _with_token(server, token, "GET", "/api/videos") == 401

        page.get_by_role("link", name="Audit log").click()
        entries = page.locator("[data-entries] > li")
        expect(entries.nth(1)).to_contain_text("Revoke an API token Token 1, “journey”")
        expect(entries.nth(2)).to_contain_text("Token “journey”")
        expect(entries.last).to_contain_text("Set the first password")

        with_script = browser.new_context(storage_state=page.context.storage_state())
        open_page = with_script.new_page()
        open_page.goto(f"{panel}/categories")
        notice = open_page.locator("[data-signed-out]")
        expect(notice).to_be_hidden()

        # Another one from the machine itself is known within a second, and ends every session.
        assert server.command("passwd", given=SECOND + "\n").returncode == 0
        wait_for("the session to end", lambda: page.goto(f"{panel}/") and "/sign-in" in page.url)
        page.get_by_label("Password").fill(SECOND)
        page.get_by_role("button", name="Sign in").click()
        expect(page).to_have_url(f"{panel}/")
        # What was being written on a page that is still open is not taken away.
        open_page.get_by_label("Name").fill("Boats")
        open_page.get_by_role("button", name="Add").click()
        expect(notice.get_by_role("link")).to_have_attribute("href", "/sign-in?next=%2Fcategories")
        expect(open_page.get_by_label("Name")).to_have_value("Boats")
        with_script.close()

        # The command line makes a token with the password, and proves itself with it.
        secret = server.folder / "password"
        secret.write_text(SECOND)
        secret.chmod(0o600)
        wish = ("ci", "--scope", "read", "--days", "1", "--password-file", str(secret))
        made = server.command("token", "create", *wish)
        assert made.returncode == 0, made.stderr
        server.environment["VLOG_TOKEN"] = made.stdout.strip()
        assert server.command("list").returncode == 0
        refused = server.command("token", "list")
        assert refused.returncode == 1
        assert "`admin`" in refused.stderr

        # With a password VLog may listen everywhere, and who was signed in still is.
        assert server.signal(signal.SIGTERM) == 0
        server.environment["VLOG_ADMIN__HOST"] = "0.0.0.0"
        server.start()
        page.goto(f"{panel}/account")
        expect(page.get_by_text("This browser")).to_be_visible()
        assert len(server.records("set_up_link")) == 1
