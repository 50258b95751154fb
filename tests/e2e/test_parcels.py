"""Work that waits on a tablet without a network is carried to the station: as a file, and as QR codes for a camera."""

from __future__ import annotations

import base64
import io
import json
import os
from pathlib import Path
from random import Random

from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from jobs.benchmarks.chromium import FLAGS, find_chromium
from tests.city import City
from tests.e2e.conftest import TABLET, WAIT_MS_MAX, WALL_SCREEN, OpenDevice, enter, log_in, open_page, unlock
from tests.e2e.test_tablet import expect_phase, fill_report, open_tablet, work_item
from tests.photos import photo

SECRET = "桥头护栏断了一段，没有网络时写的。"


def write(page: Page, text: str, *photos: bytes) -> None:
    fill_report(page, text)
    for at, content in enumerate(photos):
        picture = {"name": f"{at}.jpg", "mimeType": "image/jpeg", "buffer": content}
        page.get_by_test_id("add-photo").set_input_files([picture])
        expect(page.get_by_test_id("photo")).to_have_count(at + 1)
    page.get_by_test_id("save-report").click()
    expect(work_item(page, "waiting").filter(has_text=text)).to_have_count(1)


def ids_of(city: City, alias: str) -> list[str]:
    rows = city.raw("d110-371724/_all_docs")["rows"]
    return sorted(row["id"] for row in rows if f":report:{alias}:" in row["id"])


def open_station(page: Page, city: City) -> Page:
    page.goto(f"{city.url}/board")
    log_in(page, "z109")
    open_page(page, "parcels")
    return page


def bring(page: Page, name: str, content: bytes) -> None:
    upload = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    page.get_by_test_id("parcel-files").set_input_files([upload])


def test_what_waits_is_carried_as_a_file_and_stored_once_whoever_brings_it(city: City, open_device: OpenDevice) -> None:
    device = open_device(TABLET)
    page = open_tablet(device, city, "i0421")
    device.set_offline(True)
    write(page, SECRET, photo(900, 600))
    write(page, "第二条，也没有网络。")
    waiting = sorted(str(one.get_attribute("data-id")) for one in work_item(page, "waiting").all())
    page.close()
    page = device.new_page()  # weeks later, still without a network
    page.goto(f"{city.url}/tablet/")
    unlock(page, "i0421")
    page.get_by_test_id("tab-work").click()
    page.get_by_test_id("to-parcel").click()
    expect(page.get_by_test_id("parcel-sums")).to_contain_text("2 条内容，1 张照片")
    with page.expect_download() as begun:
        page.get_by_test_id("parcel-save-0").click()
    file = Path(begun.value.path()).read_bytes()
    assert begun.value.suggested_filename.endswith(".d110")
    assert SECRET.encode() not in file and b"i0421" not in file + begun.value.suggested_filename.encode()
    expect(page.get_by_test_id("parcel-saved")).to_be_visible()
    page.get_by_test_id("tab-work").click()
    expect(work_item(page, "waiting").get_by_test_id("work-handed-over")).to_have_count(2)

    board = open_station(open_device(WALL_SCREEN).new_page(), city)
    bring(board, "stick.d110", file)
    brought = board.get_by_test_id("parcel")
    expect(brought.get_by_test_id("parcel-kinds")).to_have_text("上报 2 条 · 照片 1 张")
    expect(brought).to_contain_text("i0421")
    assert SECRET not in board.content()
    brought.get_by_test_id("parcel-take").click()
    expect(brought.get_by_test_id("parcel-taken")).to_contain_text("新入库 2 条，原已收到 0 条，照片 1 张")
    assert ids_of(city, "i0421") == waiting
    bring(board, "again.d110", file)
    brought.nth(1).get_by_test_id("parcel-take").click()
    expect(brought.nth(1).get_by_test_id("parcel-taken")).to_contain_text("新入库 0 条，原已收到 2 条")

    expect(work_item(page, "waiting")).to_have_count(2)  # until it hears of it
    device.set_offline(False)
    expect(work_item(page, "sent")).to_have_count(2, timeout=WAIT_MS_MAX)
    expect(page.get_by_test_id("sync-held")).to_contain_text("2 / 2")
    expect(work_item(page, "sent").get_by_test_id("work-photos")).to_contain_text("1 / 1")
    expect(page.get_by_test_id("work-handed-over")).to_have_count(0)
    assert ids_of(city, "i0421") == waiting


def test_each_fault_of_a_file_is_said_and_nothing_of_it_is_stored(
    city: City, open_device: OpenDevice, tmp_path: Path
) -> None:
    device = open_device(TABLET)
    page = open_tablet(device, city, "i0422")
    device.set_offline(True)
    write(page, "这一条的文件会坏掉。")
    page.get_by_test_id("to-parcel").click()
    with page.expect_download() as begun:
        page.get_by_test_id("parcel-save-0").click()
    file = Path(begun.value.path()).read_bytes()
    board = open_station(open_device(WALL_SCREEN).new_page(), city)
    for name, content, reason in (
        ("photo.jpg", photo(), "这不是平板导出的离线包"),
        ("cut.d110", file[:-20], "文件不完整"),
        ("altered.d110", file[:-1] + bytes([file[-1] ^ 1]), "被改动或损坏"),
        ("huge.d110", None, "文件超过 25 MB"),
    ):
        if content is None:
            huge = tmp_path / name
            huge.touch()
            os.truncate(huge, 26 << 20)
            board.get_by_test_id("parcel-files").set_input_files(huge)
        else:
            bring(board, name, content)
        fault = board.get_by_test_id("parcel").filter(has_text=name)
        expect(fault.get_by_role("alert")).to_contain_text(reason)
        expect(fault.get_by_test_id("parcel-take")).to_have_count(0)
    board.get_by_test_id("switch-language").click()
    expect(board.get_by_test_id("parcel").first.get_by_role("alert")).to_contain_text("no parcel of a tablet")
    assert ids_of(city, "i0422") == []


def test_a_tablet_that_never_learnt_the_key_says_what_to_do(city: City, open_device: OpenDevice) -> None:
    device = open_device(TABLET)

    def of_a_former_gateway(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=json.dumps(answer.json() | {"parcel_key": None}))

    device.route("**/auth/login", of_a_former_gateway)
    page = device.new_page()
    page.goto(f"{city.url}/tablet/#/work/parcel")
    enter(page, "i0423")
    expect_phase(page, "idle")
    expect(page.get_by_test_id("parcel-no-key")).to_contain_text("先联网同步一次")


def test_a_series_of_qr_codes_is_read_by_the_stations_camera(
    city: City, open_device: OpenDevice, browser: Browser, tmp_path: Path
) -> None:
    device = open_device(TABLET)
    page = open_tablet(device, city, "a217")
    device.set_offline(True)
    letters = Random(110)
    for number in range(3):  # such that no coding makes it small
        write(page, f"第 {number + 1} 条：" + "".join(chr(letters.randrange(0x4E00, 0x9FA0)) for _ in range(150)))
    page.get_by_test_id("to-parcel").click()
    frames = [*codes_of(page)]
    page.get_by_test_id("parcel-show").click()  # another series of the same work: it is told apart
    strangers = [*codes_of(page, is_shown=True)]
    assert len(frames) > 2
    film(tmp_path / "camera.y4m", [strangers[0], *reversed(frames)])
    page.get_by_test_id("parcel-shown").click()
    page.get_by_test_id("tab-work").click()
    expect(work_item(page, "waiting").get_by_test_id("work-handed-over")).to_have_count(3)

    camera = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={tmp_path / 'camera.y4m'}",
    ]
    office = browser.browser_type.launch(
        executable_path=find_chromium(os.environ.get("D110_CHROMIUM")), args=[*FLAGS, *camera]
    )
    try:
        context = office.new_context(viewport=WALL_SCREEN, locale="zh-CN")
        context.grant_permissions(["camera"], origin=city.url)
        board = open_station(context.new_page(), city)
        board.get_by_test_id("parcel-scan").click()
        brought = board.get_by_test_id("parcel")
        expect(brought.get_by_test_id("parcel-kinds")).to_have_text("上报 3 条", timeout=WAIT_MS_MAX)
        brought.get_by_test_id("parcel-take").click()
        expect(brought.get_by_test_id("parcel-taken")).to_contain_text("新入库 3 条")
    finally:
        office.close()
    device.set_offline(False)
    expect(work_item(page, "sent")).to_have_count(3, timeout=WAIT_MS_MAX)
    assert len(ids_of(city, "a217")) == 3


def codes_of(page: Page, *, is_shown: bool = False) -> list[Image.Image]:
    """All codes of the series that a tablet shows, in their order; it stops showing them."""
    if not is_shown:
        page.get_by_test_id("parcel-show").click()
    page.get_by_test_id("parcel-pause").click()
    code = page.get_by_test_id("parcel-code")
    count = int(page.get_by_test_id("parcel-pause").inner_text().rpartition("/")[2])
    found: dict[str, Image.Image] = {}
    for _ in range(count):
        address = str(code.get_attribute("src"))
        found[str(code.get_attribute("alt"))] = Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2])))
        page.get_by_role("button", name="下一个").click()
    if not is_shown:
        page.get_by_role("button", name="不扫了").click()
    return list(found.values())


def film(path: Path, codes: list[Image.Image]) -> None:
    """What a camera sees that is held before the tablet: each code for a moment."""
    width, height = 640, 480
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F8:1 Ip C420jpeg\n".encode())
        for code in codes:
            picture = Image.new("L", (width, height), 200)
            picture.paste(code.convert("L").resize((440, 440)), (100, 20))
            for _ in range(2):
                file.write(b"FRAME\n" + picture.tobytes() + bytes([128]) * (width * height // 2))
