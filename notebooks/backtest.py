"""What the early warning would have said in earlier months, held against what became of it, beside every rule."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="预警回测 Backtest",
    css_file="fonts.css",
)

with app.setup:
    import os

    import altair as alt
    import marimo as mo
    import pandas as pd

    from jobs.backtest import figure, read_report, share
    from jobs.charts import ACCENT, SOFT, use_theme
    from jobs.review import open_or_say, read_or_say

    use_theme()
    METRICS = {
        "average_precision": "平均精确率 average precision",
        "precision_at_capacity": "名单精确率 precision at capacity",
        "recall_at_capacity": "名单召回率 recall at capacity",
        "brier_skill": "Brier 技巧 Brier skill",
        "calibration_error": "校准误差 calibration error",
        "lead_time": "提前月数 lead time, months",
    }
    LOWER_IS_BETTER = {"calibration_error"}
    LABELS = {"变差 gets worse": "gets_worse", "反弹 comes back": "comes_back"}
    METHODS = {
        "climatology": "平均比例 climatology",
        "persistence": "现状 persistence",
        "last_change": "最近变化 last change",
        "own_history": "本村历史 own history",
        "lights_migrate": "灯的转移 migration of lights",
        "headroom": "余量 headroom",
        "neighbours": "同乡镇 neighbours",
        "logistic_simple": "简单逻辑回归 simple logistic",
        "logistic": "逻辑回归 logistic",
        "boosting": "提升树 boosting",
        "blend": "混合 blend",
        "champion": "采用 in use",
    }
    KINDS = {"size": "村的大小 size", "township": "乡镇类型 kind of township", "staffing": "信息员 staffing"}
    GROUPS = {
        "small": "小 small",
        "middling": "中 middling",
        "large": "大 large",
        "乡": "乡 township",
        "镇": "镇 town",
        "街道及其他": "街道及其他 others",
        "several informants": "多名 several",
        "one informant or none": "一名或没有 one or none",
    }


@app.cell(hide_code=True)
def _():
    mo.md("""
    # 预警回测 Backtest

    如果以前每个月都这样预测，会说对多少？比简单规则好吗？<br>
    Had it been forecast so in earlier months, how far would it have been right, and was it better than plain rules?

    每个数字后面是十次抽样中九次所在的区间。 The interval beside a figure holds nine of ten draws of villages.
    """)
    return


@app.cell(hide_code=True)
def _():
    mirror, fault = open_or_say(os.environ)
    mo.stop(mirror is None, mo.callout(mo.md(fault), kind="danger"))
    report, _fault = read_or_say(lambda: read_report(mirror.folder))
    mo.stop(bool(_fault), mo.callout(mo.md(_fault), kind="danger"))
    mo.stop(
        report is None,
        mo.callout(
            mo.md(
                "还没有回测结果。请运行 `d110 backtest`（需要几分钟）。<br>"
                "There is no report yet: run `d110 backtest`, which takes "
                "some minutes."
            ),
            kind="info",
        ),
    )
    mo.callout(
        mo.md("**模拟数据**，并非真实情况 / **simulated data**: nothing of it is real"), kind="warn"
    ) if report.is_simulated else None
    return (report,)


@app.cell(hide_code=True)
def _(report):
    label = mo.ui.radio(LABELS, value=next(iter(LABELS)), inline=True)
    mo.md(
        f"""
        {report.villages:,} 个村 villages × {report.months} 个月 months；名单共 {report.capacity} 个村
        villages on the lists；结果作于 made on {report.made_on}

        预测什么 what is forecast: {label}
        """
    )
    return (label,)


@app.cell(hide_code=True)
def _(label, report):
    of = report.labels[label.value]
    gain = of["gain"]
    _rule = METHODS.get(of["best_rule"], of["best_rule"])
    _by = f"{gain['value']:+.3f} [{gain['low']:+.3f}, {gain['high']:+.3f}]"
    mo.callout(
        mo.md(
            f"**模型优于规则。 The model beats the rules.**<br>平均精确率比最好的规则（{_rule}）高 "
            f"{_by}，区间在零以上。<br>"
            f"Its average precision lies above that of the best rule by {_by}: the interval is above zero."
            if of["beats_the_rules"]
            else f"**模型不优于规则。 The model is no better than the rules.**<br>"
            f"平均精确率与最好的规则（{_rule}）"
            f"相差 {_by}，区间不在零以上：应使用规则。<br>"
            f"Its average precision beside that of the best rule: {_by}; the interval "
            "is not above zero, so the rule should be used."
        ),
        kind="success" if of["beats_the_rules"] else "warn",
    )
    return (of,)


@app.cell(hide_code=True)
def _(of):
    figures = pd.DataFrame(of["figures"])
    _all = figures[figures["origin"] == "all"]
    names = [METHODS.get(name, name) for name in dict.fromkeys(_all["name"])]
    _best = METHODS.get(of["best_rule"], of["best_rule"])
    _kinds = {METHODS["champion"]: "采用 in use", _best: "最好的规则 the best rule"}
    _shown = _all.assign(
        name=_all["name"].replace(METHODS),
        kind=_all["name"].replace(METHODS).map(_kinds).fillna("规则与候选 rules and candidates"),
        text=[f"{one.value:.3f} [{one.low:.3f}, {one.high:.3f}]" for one in _all.itertuples()],
    )
    _charts = [
        alt.layer(
            alt.Chart(_shown[_shown["metric"] == metric])
            .mark_rule(size=2)
            .encode(
                x=alt.X("low:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=5)),
                x2="high:Q",
                y=alt.Y("name:N", title=None, sort=names),
                color=alt.Color(
                    "kind:N",
                    title=None,
                    scale=alt.Scale(
                        domain=["采用 in use", "最好的规则 the best rule", "规则与候选 rules and candidates"],
                        range=[ACCENT, "#c46a00", SOFT],
                    ),
                ),
            ),
            alt.Chart(_shown[_shown["metric"] == metric])
            .mark_circle(size=60, opacity=1)
            .encode(x="value:Q", y=alt.Y("name:N", sort=names), color="kind:N", tooltip=["name", "text"]),
        ).properties(
            width=230,
            height=alt.Step(17),
            title=words + ("（越小越好 less is better）" if metric in LOWER_IS_BETTER else ""),
        )
        for metric, words in METRICS.items()
        if (_shown["metric"] == metric).any()
    ]
    mo.vstack(
        [
            mo.md("## 全部指标 All metrics\n\n各月合在一起。 All origins together."),
            alt.concat(*_charts, columns=2, spacing=24),
        ]
    )
    return figures, names


@app.cell(hide_code=True)
def _(figures, names):
    _all = figures[figures["origin"] == "all"]
    _cell = {
        (
            METHODS.get(one["name"], one["name"]),
            one["metric"],
        ): f"{one['value']:.3f} [{one['low']:.3f}, {one['high']:.3f}]"
        for one in _all.to_dict("records")
    }
    mo.accordion(
        {
            "数字 The figures": mo.ui.table(
                [
                    {
                        "": name,
                        **{words: _cell[name, metric] for metric, words in METRICS.items() if (name, metric) in _cell},
                    }
                    for name in names
                ],
                selection=None,
                page_size=20,
                show_data_types=False,
                show_column_summaries=False,
                show_search=False,
            )
        }
    )
    return


@app.cell(hide_code=True)
def _(of):
    _curve = pd.DataFrame(of["calibration"])
    _curve["name"] = _curve["name"].map({"champion": "采用 in use"}).fillna("最好的规则 the best rule")
    _end = float(_curve[["said", "high"]].to_numpy().max())
    _colour = alt.Color(
        "name:N",
        title=None,
        scale=alt.Scale(domain=["采用 in use", "最好的规则 the best rule"], range=[ACCENT, "#c46a00"]),
    )
    mo.vstack(
        [
            mo.md(
                """
                ## 校准 Calibration

                说 30% 可能变差的村里，是不是真有三成变差？在虚线上就是说得正好。<br>
                Of villages said to be 30 % likely, did three in ten get worse? On the dashed line it says just that.
                """
            ),
            alt.layer(
                alt.Chart(pd.DataFrame({"said": [0, _end], "got_worse": [0, _end]}))
                .mark_line(color=SOFT, strokeDash=[5, 4])
                .encode(x="said:Q", y="got_worse:Q"),
                alt.Chart(_curve).mark_rule().encode(x="said:Q", y="low:Q", y2="high:Q", color=_colour),
                alt.Chart(_curve)
                .mark_line(point=True)
                .encode(
                    x=alt.X("said:Q", title="预测的可能性 said", axis=alt.Axis(format=".0%")),
                    y=alt.Y("got_worse:Q", title="实际比例 what became of it", axis=alt.Axis(format=".0%")),
                    color=_colour,
                    tooltip=["name", alt.Tooltip("said:Q", format=".1%"), alt.Tooltip("got_worse:Q", format=".1%")],
                ),
            ).properties(width=420, height=320),
        ]
    ) if len(_curve) else mo.md("")
    return


@app.cell(hide_code=True)
def _(figures, of):
    _origins = figures[
        (figures["origin"] != "all")
        & figures["name"].isin(["champion", of["best_rule"]])
        & figures["metric"].isin(["average_precision", "brier_skill"])
    ].assign(
        metric=lambda rows: rows["metric"].map(METRICS),
        name=lambda rows: rows["name"].map({"champion": "采用 in use"}).fillna("最好的规则 the best rule"),
    )
    _used = "；".join(
        f"{METRICS.get(one['metric'], '列入 listed')} {figure(one)}" for one in of["in_use"] if one["origin"] == "all"
    )
    _kept = pd.DataFrame(
        [
            {
                "月 month": month,
                "采用 in use": METHODS.get(champion, champion),
                "名单保留 list kept": share(of["stability"].get(month)),
                "并列未列入 tied, not listed": of["ties"].get(month, 0),
            }
            for month, champion in of["champions"].items()
        ]
    )
    mo.vstack(
        [
            mo.md(
                f"""
                ## 稳定 Stability

                实际使用的名单：上月在名单上的村，只要排名够近就留下。 The list in use: who was on it the month before
                stays while it ranks near enough.

                {_used}

                随机去掉 5% 的最新读数，名单保留 **{share(of["steady"])}**。<br>
                With 5 % of the newest readings dropped at random, **{share(of["steady"])}** of the list stays.
                """
            ),
            mo.ui.table(_kept, selection=None, show_data_types=False, show_column_summaries=False, show_search=False),
            alt.Chart(_origins)
            .mark_line(point=True)
            .encode(
                x=alt.X("origin:O", title=None, axis=alt.Axis(labelAngle=-45)),
                y=alt.Y("value:Q", title=None),
                color=alt.Color(
                    "name:N",
                    title=None,
                    scale=alt.Scale(domain=["采用 in use", "最好的规则 the best rule"], range=[ACCENT, "#c46a00"]),
                ),
                tooltip=["origin", "name", alt.Tooltip("value:Q", format=".3f")],
            )
            .properties(width=270, height=180)
            .facet(alt.Facet("metric:N", title=None), columns=2)
            .resolve_scale(y="independent"),
        ]
    )
    return


@app.cell(hide_code=True)
def _(of):
    _groups = pd.DataFrame(of["groups"])
    mo.stop(_groups.empty, mo.md("## 分组 Groups\n\n此标签不分组。 Not by group for this label."))
    _groups = _groups.assign(kind=_groups["kind"].replace(KINDS), group=_groups["group"].replace(GROUPS))
    _long = _groups[_groups["metric"].isin(["said", "got_worse"])].rename(columns={"metric": "what", "value": "share"})
    _long = _long.replace({"what": {"said": "预测 said", "got_worse": "实际 what became of it"}})
    _names = {"said": "预测 said", "got_worse": "实际 became", **METRICS}
    _table = _groups.assign(
        metric=_groups["metric"].map(_names), figure=[figure(one) for one in _groups.to_dict("records")]
    )
    _table = _table.pivot(index=["kind", "group", "rows"], columns="metric", values="figure").reset_index()
    mo.vstack(
        [
            mo.md(
                """
                ## 分组 Groups

                对小村、偏远乡镇、信息员少的村，说得一样准吗？乡镇类型代替远近，因为区划中没有位置。<br>
                Is it as right for small villages, for outlying townships, for villages with few informants? The kind of
                township stands for how far out it lies: the register has no positions.
                """
            ),
            alt.Chart(_long)
            .mark_bar()
            .encode(
                x=alt.X("share:Q", title=None, axis=alt.Axis(format=".0%")),
                y=alt.Y("group:N", title=None),
                yOffset=alt.YOffset("what:N"),
                color=alt.Color(
                    "what:N",
                    title=None,
                    scale=alt.Scale(domain=["预测 said", "实际 what became of it"], range=[ACCENT, SOFT]),
                ),
                row=alt.Row(
                    "kind:N", title=None, header=alt.Header(labelAngle=0, labelAlign="left", labelOrient="top")
                ),
                tooltip=["group", "what", alt.Tooltip("share:Q", format=".1%"), "rows"],
            )
            .properties(width=520, height=alt.Step(14))
            .resolve_scale(y="independent"),
            mo.ui.table(
                _table.rename(columns={"kind": "类别 kind", "group": "组 group", "rows": "村×月 village-months"}),
                selection=None,
                show_data_types=False,
                show_column_summaries=False,
                show_search=False,
            ),
        ]
    )
    return


if __name__ == "__main__":
    app.run()
