"""What is asked of the wall, in a real Chromium: it is counted, drawn, kept in the address, dropped, and comes back."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from models.catalogue import default_catalogue
from tests.city import DIANHUTUN, KONGZHUANG, City, bulk, report
from tests.e2e.conftest import WAIT_MS_MAX, WALL_SCREEN, OpenDevice, log_in

AT = default_catalogue().index


def open_board(open_device: OpenDevice, city: City, place: str = "") -> Page:
    page = open_device(WALL_SCREEN).new_page()
    page.goto(f"{city.url}/board{place}")
    log_in(page, "s17")
    expect(page.get_by_test_id("summary-red")).to_be_visible(timeout=WAIT_MS_MAX)
    return page


def push(city: City, village: str, indicator: str, severity: str) -> str:
    """A case that the village's administrator reports, and its ULID."""
    alias = f"a{village[-3:]}"
    document = report(village, alias, indicator=indicator, severity=severity)
    answer = city.client(alias).post(f"/db/d110-{village[:6]}/_bulk_docs", json=bulk(document))
    assert answer.json()[0]["ok"], answer.text
    return str(document["_id"].rsplit(":", 1)[1])


def wait_for_light(page: Page, village: str, indicator: str, light: str) -> None:
    page.wait_for_function(
        "([village, at, light]) =>"
        " document.querySelector(`[data-testid=row-${village}]`)?.dataset.lights[at] === light",
        arg=[village, AT[indicator], light],
    )


def test_what_is_asked_of_the_wall_is_kept_in_the_address_and_dropped_one_by_one(
    city: City, open_device: OpenDevice
) -> None:
    push(city, DIANHUTUN, "4.3.2", "major")
    push(city, KONGZHUANG, "3.3.1", "major")
    page = open_board(open_device, city)
    rows = page.locator("tr[data-testid^=row-]")
    expect(page.get_by_test_id("summary-red")).to_have_text("2")
    page.get_by_test_id("summary-red").click()
    expect(rows).to_have_count(2)
    page.get_by_test_id("choose-of").select_option("4")
    expect(rows).to_have_count(1)
    expect(page.get_by_test_id("summary-red")).to_have_text("1")  # only these lamps count
    page.get_by_test_id("choose-of").select_option("3.3")
    expect(page.get_by_test_id(f"row-{KONGZHUANG}")).to_have_count(1)
    page.get_by_test_id(f"only-{KONGZHUANG[:6]}").check()
    page.get_by_test_id("choose-of").select_option("4")
    expect(rows).to_have_count(0)
    expect(page.get_by_test_id("chips").get_by_role("listitem")).to_have_count(4)

    address = page.url
    page.reload()
    expect(page.get_by_test_id("chips").get_by_role("listitem")).to_have_count(4, timeout=WAIT_MS_MAX)
    assert page.url == address
    page.get_by_test_id(f"chip-{KONGZHUANG[:6]}").click()
    expect(page.get_by_test_id(f"row-{DIANHUTUN}")).to_have_count(1)
    page.go_back()
    expect(rows).to_have_count(0)
    page.get_by_test_id("show-all").click()
    expect(page.get_by_test_id("chips")).to_have_count(0)
    expect(page.get_by_test_id("summary-red")).to_have_text("2")


def test_lamps_that_are_asked_for_are_walked_by_keyboard_alone(city: City, open_device: OpenDevice) -> None:
    page = open_board(open_device, city, f"#/{DIANHUTUN[:9]}/of%3D4.2")
    wall = page.get_by_role("application")
    expect(page.locator("tr[data-testid^=row-]").first).to_be_attached(timeout=WAIT_MS_MAX)
    wall.focus()
    wall.press("ArrowDown")
    expect(page.get_by_role("status").filter(has_text="4.2.")).to_contain_text("4.2.1")
    wall.press("ArrowLeft")
    expect(page.get_by_role("status").filter(has_text="4.2.")).to_contain_text("4.2.1")
    wall.press("ArrowRight")
    expect(page.get_by_role("status").filter(has_text="4.2.")).to_contain_text("4.2.2")


def test_one_walks_from_the_city_to_a_case_and_back_each_step_with_an_address(
    city: City, open_device: OpenDevice
) -> None:
    case = push(city, KONGZHUANG, "3.4.3", "major")
    page = open_board(open_device, city)
    places = [page.url.partition("#")[2]]

    def come_to(place: str) -> None:
        page.wait_for_function("place => location.hash === `#/${place}`", arg=place)
        places.append(f"/{place}")

    page.get_by_test_id("summary-red").click()
    come_to("3717/light%3Dr")
    for code in (KONGZHUANG[:6], KONGZHUANG[:9]):  # what was asked goes along
        page.get_by_test_id(f"part-{code}").get_by_role("button").click()
        come_to(f"{code}/light%3Dr")
    page.get_by_test_id(f"part-{KONGZHUANG}").get_by_role("button").click()
    come_to(KONGZHUANG)
    page.get_by_test_id("lamp-3.4.3").click()
    come_to(f"{KONGZHUANG}/3.4.3")
    page.locator(f"[data-testid=case-{case}]").get_by_role("button").first.click()
    come_to(f"case/{KONGZHUANG}/{case}")
    for place in reversed(places[:-1]):
        page.go_back()
        page.wait_for_function("place => location.hash.slice(1) === place", arg=place)
    expect(page.get_by_test_id("summary-red")).to_be_visible()
    expect(page.get_by_test_id("chips")).to_have_count(0)


def test_a_board_that_opens_knows_what_changed_before_and_holds_still_when_asked(
    city: City, open_device: OpenDevice
) -> None:
    push(city, DIANHUTUN, "2.4.3", "general")
    page = open_board(open_device, city)
    wait_for_light(page, DIANHUTUN, "2.4.3", "y")
    page.reload()
    ticker = page.get_by_test_id("ticker")
    expect(ticker).to_contain_text("2.4.3", timeout=WAIT_MS_MAX)
    page.get_by_test_id("pause-ticker").click()
    push(city, KONGZHUANG, "5.3.3", "general")
    expect(page.get_by_test_id("waiting")).to_contain_text("1")
    expect(ticker).not_to_contain_text("5.3.3")
    page.get_by_test_id("pause-ticker").click()
    expect(ticker).to_contain_text("5.3.3")
    page.get_by_test_id("choose-of").select_option("2.4")
    expect(ticker).not_to_contain_text("5.3.3")
    ticker.get_by_role("button").first.click()
    page.wait_for_function("place => location.hash === place", arg=f"#/{DIANHUTUN}/2.4.3")
    expect(page.get_by_test_id("lamp-history")).to_be_visible()


def test_paper_has_the_heading_the_choice_and_the_figures_and_no_buttons(city: City, open_device: OpenDevice) -> None:
    page = open_board(open_device, city, "#/3717/light%3Dr")
    page.emulate_media(media="print")
    expect(page.get_by_test_id("chip-light")).to_be_visible()
    expect(page.get_by_test_id("summary-red")).to_be_visible()
    expect(page.locator("button.plain:visible, input:visible, select:visible")).to_have_count(0)
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(243, 246, 245)"  # the light palette
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_a_wall_of_four_thousand_points_shows_the_same_larger_and_a_pointer_finds_its_lamp(
    city: City, open_device: OpenDevice
) -> None:
    page = open_board(open_device, city)
    page.set_viewport_size({"width": 3840, "height": 2160})
    wall = page.get_by_role("application")
    page.wait_for_function("() => document.querySelector('.frame canvas').width > 3000")
    box = wall.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 460, box["y"] + 20)  # the first row, and its first lamps
    expect(page.locator("#meant")).to_contain_text("1.1.")
    bottom = page.locator(".board > footer").bounding_box()
    assert bottom is not None
    assert bottom["y"] + bottom["height"] <= 2160
    # all at once: a way that has no room moves into the menu
    edges = page.evaluate("""() => [...document.querySelectorAll('.pages .plain')]
        .filter((way) => way.checkVisibility()).map((way) => way.getBoundingClientRect().x)""")
    trail = page.locator(".board > header > nav").bounding_box()
    assert trail is not None
    assert min(edges) >= trail["x"] + trail["width"]


def test_back_brings_the_wall_where_it_was_scrolled_to(city: City, open_device: OpenDevice) -> None:
    page = open_device({"width": 1280, "height": 420}).new_page()
    page.goto(f"{city.url}/board")
    log_in(page, "s17")
    wall = page.get_by_role("application")
    expect(page.get_by_test_id("summary-red")).to_be_visible(timeout=WAIT_MS_MAX)
    wall.evaluate(
        "wall => new Promise(done => { wall.addEventListener('scroll', () => done(), { once: true });"
        " wall.scrollTop = 40; })"
    )
    page.evaluate("village => { location.hash = `/${village}`; }", DIANHUTUN)
    expect(page.get_by_test_id("lamp-1.1.2")).to_be_visible()
    page.go_back()
    page.wait_for_function("() => document.querySelector('[role=application]')?.scrollTop === 40")
    page.evaluate("county => { location.hash = `/${county}`; }", DIANHUTUN[:6])
    page.wait_for_function("() => document.querySelector('[role=application]')?.scrollTop === 0")
