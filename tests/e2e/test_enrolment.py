"""A log-in that is bound to its device, and a tablet enrolled by a code, in a real Chromium."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import expect

from tests.city import City
from tests.e2e.conftest import TABLET, WALL_SCREEN, OpenDevice, choose_pin, log_in, unlock
from tests.e2e.test_tablet import expect_phase, fill_report, open_tablet, work_item


def test_a_lapsed_session_is_renewed_by_the_devices_key_and_a_copied_one_is_not(
    city: City, open_device: OpenDevice
) -> None:
    page = open_device(TABLET).new_page()
    page.goto(f"{city.url}/tablet/")
    with page.expect_response("**/auth/login") as answered:
        log_in(page, "i0421")
    session = answered.value.text()
    choose_pin(page)
    expect_phase(page, "idle")
    device = open_device(TABLET)
    thief = device.new_page()
    thief.goto(f"{city.url}/tablet/")
    # as a former version of the page kept it
    thief.evaluate("session => localStorage.setItem('d110.tablet.session', session)", session)
    city.clock.ahead = timedelta(minutes=16)
    try:
        thief.reload()
        choose_pin(thief)
        expect_phase(thief, "lapsed")
        fill_report(page)
        with page.expect_response("**/auth/refresh") as renewed:
            page.get_by_test_id("save-report").click()
        assert renewed.value.ok
        expect(work_item(page, "sent")).to_have_count(1)
        expect_phase(page, "idle")
    finally:
        city.clock.ahead = timedelta()


def enrolment(city: City, open_device: OpenDevice, alias: str) -> str:
    """The address that an office's page shows, as a QR code and as text."""
    page = open_device(WALL_SCREEN).new_page()
    page.goto(f"{city.url}/board#/devices")
    log_in(page, "z109")
    page.get_by_test_id(f"account-{alias}").get_by_test_id("enrol").click()
    offer = page.get_by_test_id("offer")
    expect(offer.get_by_role("img")).to_be_visible()
    assert offer.get_by_role("img").evaluate("(image) => image.complete && image.naturalWidth > 100")
    return offer.get_by_test_id("offer-address").inner_text()


def test_a_tablet_that_opens_an_enrolments_address_is_logged_in_once(city: City, open_device: OpenDevice) -> None:
    address = enrolment(city, open_device, "i0423")
    page = open_device(TABLET).new_page()
    page.goto(address)
    expect(page.get_by_test_id("enrol-alias")).to_have_text("i0423")
    page.get_by_test_id("enrol-confirm").click()
    choose_pin(page)
    expect_phase(page, "idle")
    page.get_by_test_id("lock").click()
    unlock(page, "i0423")
    expect_phase(page, "idle")
    other = open_device(TABLET).new_page()
    other.goto(address)
    expect(other.get_by_test_id("enrol-fault")).to_contain_text("已用过")


def test_a_tablet_is_enrolled_for_a_second_person_and_keeps_what_the_first_one_has_not_sent(
    city: City, open_device: OpenDevice
) -> None:
    device = open_device(TABLET)
    page = open_tablet(device, city, "i0422")
    # what is sent waits for ever: the push alone does not come through
    page.route("**/_bulk_docs", lambda route: route.abort())
    fill_report(page)
    page.get_by_test_id("save-report").click()
    expect(work_item(page, "waiting")).to_have_count(1)
    page.goto(enrolment(city, open_device, "i0423"))
    page.get_by_test_id("enrol-confirm").click()
    choose_pin(page)
    expect_phase(page, "idle")
    page.get_by_test_id("tab-work").click()
    expect(page.get_by_test_id("work-item")).to_have_count(0)
    page.get_by_test_id("lock").click()
    expect(page.get_by_test_id("person-i0422")).to_contain_text("1 条未上报")
    page.unroute("**/_bulk_docs")
    unlock(page, "i0422")
    page.get_by_test_id("tab-work").click()
    expect(work_item(page, "sent")).to_have_count(1)
