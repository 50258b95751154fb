"""Any indicator in any county, township or village: its course, who is past its thresholds, and how values lie."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="指标走势 Indicator trends",
    css_file="fonts.css",
)

with app.setup:
    import os

    import altair as alt
    import marimo as mo
    import pandas as pd

    from jobs.charts import ACCENT, LIGHT_WORDS, light_colour, use_theme
    from jobs.review import open_or_say, read_or_say
    from models.early_warning.trends import course, cuts_of, positions_in, shares_lit, spread

    use_theme()


@app.cell(hide_code=True)
def _():
    mo.md("""
    # 指标走势 Indicator trends

    一项指标在一个县区、乡镇或村里怎样变化，多少村亮黄灯、红灯，读数离黄线、红线多远？<br>
    How did an indicator go in a county, a township or a village, in how many villages is it yellow or red, and how
    far are readings from its thresholds?
    """)
    return


@app.cell(hide_code=True)
def _():
    mirror, fault = open_or_say(os.environ)
    mo.stop(mirror is None, mo.callout(mo.md(fault), kind="danger"))
    mo.callout(
        mo.md("**模拟数据**，并非真实情况 / **simulated data**: nothing of it is real"), kind="warn"
    ) if mirror.setup.rulebook.is_simulated else None
    return (mirror,)


@app.cell(hide_code=True)
def _(mirror):
    catalogue = mirror.setup.rulebook.catalogue
    _named = {f"{one.code} {one.name_zh} {one.name_en}": one.code for one in catalogue.indicators}
    _first = next(name for name, code in _named.items() if catalogue.indicators[catalogue.index[code]].unit == "%")
    indicator = mo.ui.dropdown(_named, value=_first, label="指标 indicator", searchable=True)
    _divisions = mirror.divisions_to_choose()
    scope = mo.ui.dropdown(
        _divisions,
        value=next(name for name, code in _divisions.items() if len(code) == 6),
        label="范围 scope",
        searchable=True,
    )
    return catalogue, indicator, scope


@app.cell(hide_code=True)
def _(mirror, scope):
    _villages = {"全部 all of them": "", **mirror.villages_to_choose(scope.value, [])}
    village = mo.ui.dropdown(_villages, value="全部 all of them", label="村 village", searchable=True)
    return (village,)


@app.cell(hide_code=True)
def _(catalogue, indicator, scope, village):
    at = catalogue.index[indicator.value]
    chosen = catalogue.indicators[at]
    mo.vstack(
        [
            indicator,
            mo.hstack([scope, village], justify="start"),
            mo.md(
                f"**{chosen.name_zh}**：{chosen.measure_zh}（{chosen.unit or '—'}）  \n"
                f"**{chosen.name_en}**: {chosen.measure_en} ({chosen.unit_en or '—'})"
            ),
        ]
    )
    return at, chosen


@app.cell(hide_code=True)
def _(mirror, scope):
    with mo.status.spinner("正在读取镜像 / reading the mirror"):
        panel, _fault = read_or_say(lambda: mirror.panel(scope.value))
    mo.stop(panel is None, mo.callout(mo.md(_fault), kind="danger"))
    mo.callout(mo.md(mirror.left_out), kind="danger") if mirror.left_out else None
    return (panel,)


@app.cell(hide_code=True)
def _(at, catalogue, chosen, panel, scope, village):
    rows = positions_in(panel, [village.value or scope.value])
    cuts = cuts_of(panel, at, catalogue)
    months = course(panel, at, rows, catalogue)
    mo.stop(months.empty, mo.callout(mo.md("没有任何读数。 Nothing was ever read of it here."), kind="info"))
    _lines = pd.DataFrame([{"cut": cut, "light": LIGHT_WORDS[name]} for name, cut in cuts.items()])
    _x = alt.X("month:O", title=None, axis=alt.Axis(labelAngle=-45))
    _unit = (
        " ".join(dict.fromkeys([chosen.unit, chosen.unit_en]))
        if chosen.kind == "number"
        else {
            "yesno": "“是”的比例 share of yes",
            "last_date": "距今天数 days since",
            "start_date": "距今天数 days since",
        }.get(chosen.kind, "事项亮灯 lit by cases")
    )
    _y = "mean" if chosen.kind == "yesno" else "middle"
    _layers = [
        alt.Chart(months)
        .mark_line(color=ACCENT)
        .encode(
            x=_x,
            y=alt.Y(f"{_y}:Q", title=_unit, scale=alt.Scale(zero=False)),
        ),
        alt.Chart(months)
        .mark_circle(color=ACCENT, opacity=1)
        .encode(
            x=_x,
            y=f"{_y}:Q",
            size=alt.Size("read:Q", title="读到的村 villages read", legend=alt.Legend(values=[1, 10, 100, 1000])),
            tooltip=[
                "month",
                "read",
                alt.Tooltip("low:Q", format=".3~f"),
                alt.Tooltip("middle:Q", format=".3~f"),
                alt.Tooltip("high:Q", format=".3~f"),
            ],
        ),
    ]
    if chosen.kind != "yesno" and not village.value:
        _layers.insert(0, alt.Chart(months).mark_area(color=ACCENT, opacity=0.18).encode(x=_x, y="low:Q", y2="high:Q"))
    if len(_lines):
        _layers.append(
            alt.Chart(_lines)
            .mark_rule(strokeDash=[6, 4], size=1.5)
            .encode(y="cut:Q", color=light_colour(["yellow", "red"]))
        )
    alt.layer(*_layers).properties(
        width=640,
        height=260,
        title="走势：中位数；阴影为一半村所在的范围 Course: the middle; half of the villages lie in the shade"
        if chosen.kind != "yesno"
        else "走势：“是”的比例 Course: share of yes",
    ) if chosen.kind != "cases" else mo.md("这项指标没有读数，只由事项亮灯。 It is never read: only cases light it.")
    return cuts, months, rows


@app.cell(hide_code=True)
def _(at, months, panel, rows):
    _shares = shares_lit(panel, at, rows)
    alt.Chart(_shares[_shares["month"].isin(months["month"])].replace({"light": LIGHT_WORDS})).mark_bar().encode(
        x=alt.X("month:O", title=None, axis=alt.Axis(labelAngle=-45)),
        y=alt.Y("share:Q", title="占当月有读数的村 of villages seen", axis=alt.Axis(format=".0%")),
        color=light_colour(["yellow", "red"]),
        order=alt.Order("light:N", sort="ascending"),
        tooltip=["month", "light", alt.Tooltip("share:Q", format=".1%"), "seen"],
    ).properties(width=640, height=180, title="亮黄灯、红灯的村的比例 Share of villages in yellow and red by month")
    return


@app.cell(hide_code=True)
def _(at, catalogue, chosen, cuts, panel, rows):
    _values = spread(panel, at, rows, catalogue)
    _edges = pd.DataFrame([{"cut": cut, "light": LIGHT_WORDS[name]} for name, cut in cuts.items()])
    _bars = (
        alt.Chart(_values.replace({"light": LIGHT_WORDS}))
        .mark_bar()
        .encode(
            x=alt.X("value:Q", bin=alt.Bin(maxbins=40), title=f"最近读数 last reading（{chosen.unit}）"),
            y=alt.Y("count():Q", title="村 villages"),
            color=light_colour(["green", "yellow", "red"]),
            tooltip=["light", "count()"],
        )
    )
    _rules = (
        [
            alt.Chart(_edges)
            .mark_rule(strokeDash=[6, 4], size=2)
            .encode(x="cut:Q", color=light_colour(["green", "yellow", "red"]))
        ]
        if len(_edges)
        else []
    )
    alt.layer(_bars, *_rules).properties(
        width=640, height=220, title="最近读数的分布与黄线、红线 Last readings beside the thresholds"
    ) if chosen.kind != "cases" else None
    return


@app.cell(hide_code=True)
def _(at, catalogue, mirror, panel, rows):
    _worst = spread(panel, at, rows, catalogue)
    _order = {"red": 0, "yellow": 1, "green": 2, "unseen": 3}
    _worst = _worst.sort_values("light", key=lambda light: light.map(_order), kind="stable")
    mo.accordion(
        {
            f"各村最近读数 Last reading of each village（{len(_worst)}）": mo.ui.table(
                pd.DataFrame([mirror.place(code) for code in _worst["village"]]).assign(
                    **{
                        "读数 value": _worst["value"].round(3).tolist(),
                        "灯 light": _worst["light"].map(LIGHT_WORDS).tolist(),
                        "读于 read in": _worst["month"].tolist(),
                    }
                ),
                selection=None,
                page_size=15,
                show_data_types=False,
                show_column_summaries=False,
            )
        }
    )
    return


if __name__ == "__main__":
    app.run()
