from pathlib import Path

from jobs.settings import read_settings


def test_without_any_setting_the_embedded_store_of_heze_under_var_is_used() -> None:
    settings = read_settings({})
    assert settings.couchdb_url is None
    assert (settings.store_dir, settings.mirror_dir) == (Path("var/store"), Path("var/mirror"))
    assert settings.city == "3717"


def test_settings_come_from_the_mapping_handed_in() -> None:
    settings = read_settings(
        {"D110_COUCHDB_URL": "http://couch:5984/", "D110_DATA_DIR": "/srv/d110", "D110_CITY": "3701"}
    )
    assert settings.couchdb_url == "http://couch:5984"
    assert settings.mirror_dir == Path("/srv/d110/mirror")
    assert settings.city == "3701"
