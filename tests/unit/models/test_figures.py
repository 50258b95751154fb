import json

from models.figures import Figure, figures_text, limit, share, times_faster


def test_share_is_met_up_to_its_limit() -> None:
    assert share("unchanged", 1.0, "s", 20.0, 0.05).met is True
    assert share("unchanged", 1.1, "s", 20.0, 0.05).met is False


def test_limit_is_met_up_to_its_value() -> None:
    assert limit("lights", 50.0, "ms", 50.0).met is True
    assert limit("lights", 50.1, "ms", 50.0).met is False


def test_json_is_a_list_of_figures_with_one_form() -> None:
    figures = [share("a", 1, "s", 4, 0.5), Figure(name="b", value=2, unit="events"), times_faster("c", 1, "s", 8)]
    printed = json.loads(figures_text(figures, as_json=True))
    assert [list(figure) for figure in printed] == [["name", "value", "unit", "reference", "ratio", "goal", "met"]] * 3
    assert (printed[0]["ratio"], printed[0]["met"], printed[1]["goal"]) == (0.25, True, None)
    assert (printed[2]["ratio"], printed[2]["met"]) == (0.125, None)


def test_people_see_the_share_and_whether_it_is_met() -> None:
    first, second = figures_text([share("a", 1, "s", 4, 0.2), limit("b", 1, "s", 2)], as_json=False).splitlines()
    assert first == "✗ a: 1 s of 4 s = 25.0%  ratio <= 0.2"
    assert second == "✓ b: 1 s  <= 2 s"
