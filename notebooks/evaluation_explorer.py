"""What moved the score of a village, or the mean of a township, county or the city, between two periods."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="考核分析 Evaluation explorer",
    css_file="fonts.css",
)

with app.setup:
    import os

    import altair as alt
    import marimo as mo
    import pandas as pd

    from jobs.charts import ACCENT, use_theme
    from jobs.review import open_or_say
    from models import terms
    from models.evaluation.moves import by_part, moved
    from models.evaluation.words import period_words

    use_theme()


@app.cell(hide_code=True)
def _():
    mo.md("""
    # 考核分析 Evaluation explorer

    两个考核期之间，一个村或乡镇的得分为什么变了？逐项看。<br>
    What moved the score of a village or a township between two periods, part by part?

    得分说的是村级班子的工作，不是任何个人；档次由人决定。<br>
    A score is about a village team's work, never a person; a person decides the grade.
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
    periods = {f"{one.name} {period_words(one.name)[0]}": one for one in mirror.periods()}
    mo.stop(
        not periods,
        mo.callout(
            mo.md(
                "还没有任何考核。考核期结束后由夜间计算作出，"
                "也可运行 `d110 evaluate --period 2026H1`。<br>"
                "Nothing is evaluated yet: a night does so when a period has closed, or run "
                "`d110 evaluate --period 2026H1`."
            ),
            kind="info",
        ),
    )
    mo.stop(
        len(periods) == 1,
        mo.callout(
            mo.md(
                f"只考核了 {next(iter(periods))} 一期，无从比较；"
                "可用 `d110 evaluate --period …` 补作前一期。<br>"
                "Only one period is evaluated, so there is nothing to compare; `d110 evaluate --period …` makes up for "
                "the one before."
            ),
            kind="info",
        ),
    )
    _names = list(periods)
    before = mo.ui.dropdown(periods, value=_names[-2], label="前一期 before")
    after = mo.ui.dropdown(periods, value=_names[-1], label="后一期 after")
    scope = mo.ui.dropdown(
        mirror.divisions_to_choose(),
        value=next(iter(mirror.divisions_to_choose())),
        label="范围 scope",
        searchable=True,
    )
    mo.vstack([mo.hstack([before, after], justify="start"), scope])
    return after, before, scope


@app.cell(hide_code=True)
def _(after, before, mirror, scope):
    was, now = mirror.evaluations(scope.value, before.value), mirror.evaluations(scope.value, after.value)
    both = sorted(was.keys() & now.keys())
    _left_out = [mo.callout(mo.md(mirror.left_out), kind="danger")] if mirror.left_out else []
    _none = (
        "这一范围内没有两期都考核过的村（或由旧版本作出，请重新运行 `d110 evaluate`）。<br>"
        "No village here was evaluated in both periods (or by an older release: run `d110 evaluate` again)."
    )
    mo.stop(not both, mo.vstack([*_left_out, mo.callout(mo.md(_none), kind="info")]))
    moves_of_villages = pd.DataFrame(
        [
            {
                "村 village": mirror.path(village),
                "前 before": was[village].score,
                "后 after": now[village].score,
                "变化 moved": round(now[village].score - was[village].score, 2),
                "前拟定档 proposed before": f"{terms.GRADES[was[village].grade]} {was[village].grade}",
                "后拟定档 proposed after": f"{terms.GRADES[now[village].grade]} {now[village].grade}",
                "代码 code": village,
            }
            for village in both
        ]
    ).sort_values("变化 moved", kind="stable", ignore_index=True)
    mo.vstack(
        [
            *_left_out,
            mo.hstack(
                [
                    mo.stat(f"{len(both):,}", label="村 villages", bordered=True),
                    mo.stat(
                        f"{moves_of_villages['前 before'].mean():.2f}",
                        label=f"{before.value.name} 平均 mean",
                        bordered=True,
                    ),
                    mo.stat(
                        f"{moves_of_villages['后 after'].mean():.2f}",
                        label=f"{after.value.name} 平均 mean",
                        bordered=True,
                    ),
                    mo.stat(
                        f"{int((moves_of_villages['变化 moved'] > 0).sum()):,}", label="得分上升 rose", bordered=True
                    ),
                    mo.stat(
                        f"{int((moves_of_villages['变化 moved'] < 0).sum()):,}", label="得分下降 fell", bordered=True
                    ),
                ],
                widths="equal",
            ),
        ]
    )
    return both, moves_of_villages, now, was


@app.cell(hide_code=True)
def _(mirror, moves_of_villages):
    _choices = {"全部村的平均 the mean of all": ""} | {
        f"{mirror.path(code)} {code}": code for code in moves_of_villages["代码 code"]
    }
    village = mo.ui.dropdown(_choices, value=next(iter(_choices)), label="村 village", searchable=True)
    mo.vstack(
        [
            mo.md(
                "## 什么变了 What moved it\n\n村按变化排列，下降最多的在前。 Villages by how far they moved, the "
                "furthest down first."
            ),
            village,
        ]
    )
    return (village,)


@app.cell(hide_code=True)
def _(both, mirror, now, village, was):
    _rulebook = mirror.setup.rulebook
    _codes = [village.value] if village.value else both
    moves = moved(
        [was[code] for code in _codes],
        [now[code] for code in _codes],
        _rulebook.catalogue,
        _rulebook.policy.evaluation.credit,
    )
    mo.stop(moves.empty, mo.md("两期完全相同。 Nothing differs between the two."))
    _parts = by_part(moves, _rulebook.catalogue)
    _parts["name"] = _parts["zh"] + " " + _parts["en"]
    _parts["way"] = ["加分 up" if points > 0 else "减分 down" for points in _parts["moved"]]
    alt.Chart(_parts).mark_bar().encode(
        x=alt.X("moved:Q", title="分 points"),
        y=alt.Y("name:N", title=None, sort="x"),
        color=alt.Color(
            "way:N", title=None, scale=alt.Scale(domain=["加分 up", "减分 down"], range=[ACCENT, "#c46a00"])
        ),
        tooltip=["name", alt.Tooltip("moved:Q", format="+.2f")],
    ).properties(width=440, height=alt.Step(24), title=f"合计 in all {moves['moved'].sum():+.2f}")
    return (moves,)


@app.cell(hide_code=True)
def _(moves):
    mo.ui.table(
        moves.assign(name=moves["indicator"].str.cat(moves["zh"] + " " + moves["en"], sep=" ").str.strip())[
            ["name", "before", "after", "moved"]
        ]
        .round(3)
        .rename(columns={"name": "项目 part", "before": "前 before", "after": "后 after", "moved": "变化 moved"}),
        selection=None,
        page_size=12,
        show_data_types=False,
        show_column_summaries=False,
        wrapped_columns=["项目 part"],
        column_widths={"项目 part": 480},
        label="分：从全绿的得分往下扣，或另加 points taken from, or given on top of, the score of all green",
    )
    return


@app.cell(hide_code=True)
def _(moves_of_villages):
    mo.vstack(
        [
            mo.md("## 各村 Villages"),
            alt.Chart(
                moves_of_villages.rename(
                    columns={"前 before": "before", "后 after": "after", "村 village": "name", "变化 moved": "moved"}
                )[["name", "before", "after", "moved"]]
            )
            .mark_circle(size=28, opacity=0.5, color=ACCENT)
            .encode(
                x=alt.X("before:Q", title="前 before", scale=alt.Scale(zero=False)),
                y=alt.Y("after:Q", title="后 after", scale=alt.Scale(zero=False)),
                tooltip=["name", "before", "after", "moved"],
            )
            .properties(width=420, height=320),
            mo.ui.table(
                moves_of_villages, selection=None, page_size=12, show_data_types=False, show_column_summaries=False
            ),
        ]
    )
    return


if __name__ == "__main__":
    app.run()
