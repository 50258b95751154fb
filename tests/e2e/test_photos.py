"""Photos in a real Chromium: taken without a network, sent after the report, gone on with after a cut, seen on the
board."""

from __future__ import annotations

import httpx
from playwright.sync_api import Route, expect

from tests.city import DIANHUTUN, City
from tests.e2e.conftest import PIN, TABLET, WALL_SCREEN, OpenDevice, log_in, unlock
from tests.e2e.test_tablet import ONLY_THE_GATEWAY_REFUSES, expect_phase, fill_report, open_tablet, work_item
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
            {"name": "empty.jpg", "mimeType": "image/jpeg", "buffer": b""},
        ]
    )
    expect(page.get_by_test_id("photo-fault")).to_contain_text("notes.txt")
    expect(page.get_by_test_id("photo-fault")).to_contain_text("empty.jpg")
    expect(page.get_by_test_id("photo")).to_have_count(1)
    page.reload()  # a crash: the draft and its photo are kept
    unlock(page, "i0421")
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


def test_a_photo_that_another_report_names_stays_when_a_draft_gives_it_up(city: City, open_device: OpenDevice) -> None:
    device = open_device(TABLET)
    page = open_tablet(device, city, "i0421")
    device.set_offline(True)
    files = [{"name": "wall.jpg", "mimeType": "image/jpeg", "buffer": photo(1200, 900, shade=40)}]
    fill_report(page, "院墙裂缝，第一条。")
    page.get_by_test_id("add-photo").set_input_files(files)
    expect(page.get_by_test_id("photo")).to_have_count(1)
    page.get_by_test_id("save-report").click()
    first = work_item(page, "waiting").filter(has_text="第一条")
    expect(first.get_by_test_id("work-photos")).to_contain_text("0 / 1")
    fill_report(page, "院墙裂缝，第二条。")
    page.get_by_test_id("add-photo").set_input_files(files)
    expect(page.get_by_test_id("photo")).to_have_count(1)
    page.get_by_test_id("photo").get_by_role("button").click()
    expect(page.get_by_test_id("photo")).to_have_count(0)
    page.go_back()
    expect(first.get_by_test_id("work-photos")).to_contain_text("0 / 1")
    device.set_offline(False)
    sent = work_item(page, "sent").filter(has_text="第一条")
    expect(sent.get_by_test_id("work-photos")).to_contain_text("1 / 1")
    assert len(photos_of(city, sent.get_attribute("data-id") or "")) == 1


def test_a_device_that_was_shut_off_hands_in_the_photos_of_what_was_taken(city: City, open_device: OpenDevice) -> None:
    city.add_account("i0425", "informant", DIANHUTUN)
    device = open_device(TABLET)
    page = open_tablet(device, city, "i0425")
    page.route("**/photos**", lambda route: route.abort())
    page.route("**/photos/**", lambda route: route.abort())
    fill_report(page, "井盖缺失，停用前已报。")
    page.get_by_test_id("add-photo").set_input_files(
        [{"name": "lid.jpg", "mimeType": "image/jpeg", "buffer": photo(800, 600, shade=90)}]
    )
    expect(page.get_by_test_id("photo")).to_have_count(1)
    page.get_by_test_id("save-report").click()
    sent = work_item(page, "sent").filter(has_text="井盖")
    expect(sent.get_by_test_id("work-photos")).to_contain_text("0 / 1")
    identity = sent.get_attribute("data-id") or ""
    [used] = [one for one in city.client("z109").get("/devices").json()["accounts"] if one["alias"] == "i0425"]
    body = {"alias": "i0425", "device": used["devices"][0]["device"]}
    assert city.client("z109").post("/devices/revoke", json=body).status_code == 204
    expect_phase(page, "failing")  # it does not wipe what is nowhere else
    page.unroute("**/photos**")
    page.unroute("**/photos/**")
    page.get_by_test_id("sync-now").click()
    expect(page.get_by_test_id("wiped")).to_be_visible()
    [listed] = photos_of(city, identity)
    assert city.client("z109").get(f"/photos/{listed['report']}/{listed['sha256']}").status_code == 200


def test_an_upload_that_no_gateway_knows_of_any_more_is_begun_anew(city: City, open_device: OpenDevice) -> None:
    page = open_tablet(open_device(TABLET), city, "i0422")
    lost: list[str] = []

    def lose_once(route: Route) -> None:
        if route.request.method == "PATCH" and not lost:
            lost.append(route.request.url)  # as another gateway answers, whose disk has nothing of it
            problem = {"status": 404, "code": "no_such_upload", "detail": "begin anew", "detail_zh": "请重新开始。"}
            route.fulfill(status=404, content_type="application/problem+json", json=problem)
            return
        route.continue_()

    page.route("**/photos/**", lose_once)
    fill_report(page, "路灯不亮，两处网关。")
    page.get_by_test_id("add-photo").set_input_files(
        [{"name": "lamp.jpg", "mimeType": "image/jpeg", "buffer": photo(900, 700, shade=120)}]
    )
    expect(page.get_by_test_id("photo")).to_have_count(1)
    page.get_by_test_id("save-report").click()
    sent = work_item(page, "sent").filter(has_text="两处网关")
    expect(sent.get_by_test_id("work-photos")).to_contain_text("1 / 1")
    assert lost
    assert len(photos_of(city, sent.get_attribute("data-id") or "")) == 1


def test_photos_that_wait_are_said_and_a_report_written_again_takes_its_own_along(
    city: City, open_device: OpenDevice
) -> None:
    city.add_account("i0426", "informant", DIANHUTUN)
    page = open_tablet(open_device(TABLET), city, "i0426")
    page.route("**/photos**", lambda route: route.abort())
    page.route("**/photos/**", lambda route: route.abort())
    fill_report(page, ONLY_THE_GATEWAY_REFUSES)
    page.get_by_test_id("add-photo").set_input_files(
        [{"name": "bank.jpg", "mimeType": "image/jpeg", "buffer": photo(900, 700, shade=150)}]
    )
    expect(page.get_by_test_id("photo")).to_have_count(1)
    page.get_by_test_id("save-report").click()
    refused = work_item(page, "refused")
    expect(refused).to_have_count(1)
    expect(page.get_by_test_id("sync-photos")).to_contain_text("1")  # and not that all is well
    page.get_by_test_id("lock").click()
    page.get_by_test_id("person-i0426").click()
    page.get_by_test_id("pin-forgot").click()
    asked = page.locator(".van-dialog")
    expect(asked).to_contain_text("1 张照片")
    asked.get_by_role("button", name="再想想").click()
    page.get_by_test_id("pin-digits").fill(PIN)
    page.get_by_test_id("pin-submit").click()
    page.get_by_test_id("tab-work").click()
    refused.get_by_role("button").click()
    expect(page.get_by_test_id("photo")).to_have_count(1)
    page.get_by_test_id("report-text").fill("河堤塌方，编号另报。")
    page.get_by_test_id("save-report").click()
    sent = work_item(page, "sent").filter(has_text="河堤")
    expect(sent.get_by_test_id("work-photos")).to_contain_text("0 / 1")
    page.unroute("**/photos**")
    page.unroute("**/photos/**")
    page.get_by_test_id("sync-now").click()
    expect(sent.get_by_test_id("work-photos")).to_contain_text("1 / 1")
    expect(page.get_by_test_id("sync-photos")).to_have_count(0)
    assert len(photos_of(city, sent.get_attribute("data-id") or "")) == 1
