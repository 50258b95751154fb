"""Which townships and indicators are lit now, and by what: readings past a threshold, open cases, or silence."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="全市现状 State of the city",
    css_file="fonts.css",
)

with app.setup:
    import os

    import altair as alt
    import marimo as mo
    import pandas as pd

    from jobs.charts import use_theme
    from jobs.review import CAUSES, lit_by, open_or_say, read_or_say

    use_theme()
    CAUSE_WORDS = {"reading": "读数 reading", "case": "事项 case", "silence": "静默 silence"}
    CAUSE_COLOURS = ["#0b5c46", "#c46a00", "#9aa7a1"]


@app.cell(hide_code=True)
def _():
    mo.md("""
    # 全市现状 State of the city

    哪些乡镇、哪些指标亮灯，原因是什么：**读数**越线、**事项**未办结，还是**静默**？<br>
    Which townships and indicators are lit now, and is it **readings** past a threshold, open **cases**, or
    **silence**?

    只读夜间计算留在镜像中的灯。亮灯的是村级班子的工作，从来不是哪一个人。<br>
    It reads the lights that the last nightly run left in the mirror, and nothing else. What is lit is a village
    team's work, never a person.
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
    _read, _fault = read_or_say(lambda: (mirror.lights(), mirror.lamps()))
    mo.stop(not _read or not _read[0], mo.callout(mo.md(_fault or mirror.left_out), kind="danger"))
    documents, lamps = _read
    _counts = lamps["cause"].value_counts()
    mo.vstack(
        [
            *([mo.callout(mo.md(mirror.left_out), kind="danger")] if mirror.left_out else []),
            mo.hstack(
                [
                    mo.stat(f"{len(documents):,}", label="村 villages", bordered=True),
                    *[
                        mo.stat(f"{_counts.get(one, 0):,}", label=f"{CAUSE_WORDS[one]}", bordered=True)
                        for one in CAUSES
                    ],
                    mo.stat(f"{int(lamps['is_red'].sum()):,}", label="红灯 red", bordered=True),
                ],
                widths="equal",
            ),
        ]
    )
    return documents, lamps


@app.cell(hide_code=True)
def _(lamps, mirror):
    mo.stop(lamps.empty, mo.md("没有一盏灯亮着。 No lamp is lit."))
    _by = lamps.groupby([lamps["township"].str[:6], "cause"], observed=False).size().rename("lamps").reset_index()
    _villages = pd.Series(mirror.setup.register.villages).str[:6].value_counts()
    _by["each"] = _by["lamps"] / _by["township"].map(_villages)
    alt.Chart(
        _by.assign(county=_by["township"].map(mirror.name), cause=_by["cause"].astype(str).replace(CAUSE_WORDS))
    ).mark_bar().encode(
        x=alt.X("each:Q", title="每村亮灯数 lit lamps a village"),
        y=alt.Y("county:N", title=None, sort="-x"),
        color=alt.Color("cause:N", title=None, scale=alt.Scale(domain=list(CAUSE_WORDS.values()), range=CAUSE_COLOURS)),
        tooltip=["county", "cause", "lamps", alt.Tooltip("each:Q", format=".2f")],
    ).properties(width=620, title="各县区每村亮灯数 Lit lamps a village, by county")
    return


@app.cell(hide_code=True)
def _(lamps, mirror):
    townships = lit_by(lamps, "township")
    _villages = pd.Series(mirror.setup.register.villages).str[:9].value_counts()
    townships.insert(0, "villages", _villages.reindex(townships.index))
    townships["lit a village"] = (townships[list(CAUSES)].sum(axis=1) / townships["villages"]).round(2)
    townships.insert(0, "name", [f"{mirror.name(code[:6])} {mirror.name(code)}" for code in townships.index])
    townships = townships.sort_values("lit a village", ascending=False)
    mo.vstack(
        [
            mo.md(
                """
                ## 乡镇 Townships

                按每村亮灯数排序：乡镇大不等于差。 Ordered by lit lamps a village: a large township is not worse for
                being large.
                """
            ),
            mo.ui.table(
                townships.rename(
                    columns={
                        "name": "乡镇 township",
                        "villages": "村 villages",
                        **CAUSE_WORDS,
                        "red": "红灯 red",
                        "lit a village": "每村亮灯 lit a village",
                    }
                ).reset_index(drop=True),
                selection=None,
                page_size=15,
                show_data_types=False,
                show_column_summaries=False,
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _(documents, lamps, mirror):
    indicators = lit_by(lamps, "indicator")
    _named = {one.code: f"{one.code} {one.name_zh} {one.name_en}" for one in mirror.setup.rulebook.catalogue.indicators}
    indicators.insert(0, "name", [_named[code] for code in indicators.index])
    indicators["share of villages"] = (indicators[list(CAUSES)].sum(axis=1) / len(documents)).round(4)
    indicators = indicators.sort_values("share of villages", ascending=False)
    mo.vstack(
        [
            mo.md("## 指标 Indicators\n\n亮灯的村占全部村的比例。 The share of villages in which each is lit."),
            mo.ui.table(
                indicators.rename(
                    columns={
                        "name": "指标 indicator",
                        **CAUSE_WORDS,
                        "red": "红灯 red",
                        "share of villages": "占村比例 share of villages",
                    }
                ).reset_index(drop=True),
                selection=None,
                page_size=15,
                show_data_types=False,
                show_column_summaries=False,
                wrapped_columns=["指标 indicator"],
                column_widths={"指标 indicator": 400},
                format_mapping={"占村比例 share of villages": "{:.1%}"},
            ),
        ]
    )
    return


if __name__ == "__main__":
    app.run()
