from models.catalogue import default_catalogue
from models.quotation import quoted


def test_quotes_within_quotes_are_single_ones() -> None:
    assert quoted("村“两委”逾期未补岗位数") == "“村‘两委’逾期未补岗位数”"
    assert quoted("路灯") == "“路灯”"


def test_no_name_of_an_indicator_leads_to_nested_quotes() -> None:
    names = [indicator.name_zh for indicator in default_catalogue().indicators]
    assert any("“" in name for name in names)
    for name in names:
        assert quoted(name)[1:-1].count("“") == quoted(name)[1:-1].count("”") == 0
