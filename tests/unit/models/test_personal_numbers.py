import pytest

from models.personal_numbers import has_personal_number, mask_personal_numbers


@pytest.mark.parametrize(
    "text",
    [
        "37292919800101123X",
        "证号372929198001011234。",
        "３７２９２９１９８００１０１１２３４",
        "请打13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "１３８００１３８０００",
        "1 3 8 0 0 1 3 8 0 0 0",
        "一三八零零一三八〇〇〇",
        "幺三八００一三八0 0 0",
        "372929 19800101 123X",
        "+8613800138000",
        "0086-138 0013 8000",
        "13 8.0013.8000",
        "壹叁捌零零壹叁捌零零零",
        "0530-5551234",
        "(0530)5551234",
        "372901800101123",
        "3 7 2 9 2 9 1 9 8 0 0 1 0 1 1 2 3 X",
    ],
)
def test_personal_numbers_are_found_and_struck_out(text: str) -> None:
    assert has_personal_number(text)
    assert not has_personal_number(mask_personal_numbers(text))
    assert "1380013" not in mask_personal_numbers(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "371724109217",
        "花了 12800 元",
        "2026-03-01 08:00",
        "12345 热线",
        "10086",
        "1234567890123456789",
        "修路 3.5 公里",
        "2019 2020 2021 2022 2023",
        "100 200 300 400 500 600",
        "二〇二六年三月一日，一百三十八人",
    ],
)
def test_other_numbers_pass(text: str) -> None:
    assert not has_personal_number(text)
    assert mask_personal_numbers(text) == text
