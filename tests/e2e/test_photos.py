"""Photos in a real Chromium: taken without a network, sent after the report, gone on with after a cut, seen on the
board."""

from __future__ import annotations

import httpx
from playwright.sync_api import Route, expect

from tests.city import DIANHUTUN, City
from tests.e2e.conftest import TABLET, WALL_SCREEN, OpenDevice, log_in
from tests.e2e.test_tablet import expect_phase, fill_report, open_tablet, work_item
from tests.photos import noise, photo


def photos_of(city: City, report: str) -> list[dict[str, str]]:
    """The photos of the case that a report opened, as its station sees them."""
    village, case = report.partition(":")[0], report.rpartition(":")[2]
    return [one for one in city.client("z109").get(f"/photos/of/{village}").json() if one["case"] == case]


def test_a_photo_taken_without_a_network_follows_its_report_and_shows_on_the_board(
    city: City, open_device: OpenDevice
) -> None:
    device = open_device(TABLET)
    page = open_tablet(device, city, "i0421")
    expect_phase(page, "idle")
    device.set_offline(True)
    fill_report(page, "桥头护栏断了一段。")
    page.get_by_test_id("add-photo").set_input_files(
        [
            {"name": "bridge.jpg", "mimeType": "image/jpeg", "buffer": photo(2400, 1200)},
            {"name": "notes.txt", "mimeType": "image/jpeg", "buffer": b"no photo"},
        ]
    )
    expect(page.get_by_test_id("photo-fault")).to_contain_text("notes.txt")
    expect(page.get_by_test_id("photo")).to_have_count(1)
    page.reload()  # a crash: the draft and its photo are kept
    expect(page.get_by_test_id("photo")).to_have_count(1)
    page.get_by_test_id("save-report").click()
    expect(work_item(page, "waiting").get_by_test_id("work-photos")).to_contain_text("0 / 1")
    device.set_offline(False)
    sent = work_item(page, "sent").filter(has_text="护栏")
    expect(sent.get_by_test_id("work-photos")).to_contain_text("1 / 1")

    identity = sent.get_attribute("data-id") or ""
    board = open_device(WALL_SCREEN).new_page()
    board.goto(f"{city.url}/board#/{DIANHUTUN}")
    log_in(board, "z109")
    shown = board.get_by_test_id(f"case-{identity.rpartition(':')[2]}").get_by_test_id("case-photo")
    expect(shown).to_be_visible()
    assert shown.evaluate("(image) => image.naturalWidth") == 320
    [listed] = photos_of(city, identity)
    whole = city.client("z109").get(f"/photos/{listed['report']}/{listed['sha256']}")
    assert b"KAMERA110" not in whole.content and b"Exif" not in whole.content


def test_an_upload_that_is_cut_goes_on_where_it_stopped(city: City, open_device: OpenDevice) -> None:
    device = open_device(TABLET)
    page = open_tablet(device, city, "i0422")
    offsets: list[int] = []

    def cut_once(route: Route) -> None:
        request = route.request
        if request.method == "PATCH":
            offsets.append(int(request.headers["upload-offset"]))
            if len(offsets) == 2:
                route.abort()
                return
        route.continue_()

    page.route("**/photos/**", cut_once)
    fill_report(page, "水渠堵了，照片为证。")
    page.get_by_test_id("add-photo").set_input_files(
        [{"name": "ditch.jpg", "mimeType": "image/jpeg", "buffer": noise(900, 900)}]
    )
    expect(page.get_by_test_id("photo")).to_have_count(1)
    with page.expect_event("requestfailed", lambda request: request.method == "PATCH"):
        page.get_by_test_id("save-report").click()
    sent = work_item(page, "sent").filter(has_text="水渠")
    expect(sent.get_by_test_id("work-photos")).to_contain_text("0 / 1")
    page.get_by_test_id("sync-now").click()
    expect(sent.get_by_test_id("work-photos")).to_contain_text("1 / 1")
    assert offsets[0] == 0 and offsets[1] == offsets[2] > 0  # what had come was not sent again
    assert offsets.count(0) == 1
    identity = sent.get_attribute("data-id") or ""
    [listed] = photos_of(city, identity)
    answer: httpx.Response = city.client("i0422").get(f"/photos/{listed['report']}/{listed['sha256']}")
    assert answer.status_code == 200
