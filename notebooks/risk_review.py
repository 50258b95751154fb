"""Tonight's watch list, questioned: who is on it and why, what became of earlier lists, and an analyst's verdict."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="关注名单复核 Risk review",
    css_file="fonts.css",
)

with app.setup:
    import os

    import altair as alt
    import marimo as mo
    import pandas as pd

    from jobs.charts import ACCENT, LIGHT_WORDS, SOFT, light_colour, use_theme
    from jobs.review import open_or_say, read_or_say
    from jobs.risk import risk_folder
    from jobs.verdicts import ADDRESS, VerdictOutbox, what_is_missing
    from models.early_warning.listing import percent
    from models.early_warning.trends import lamps_by_month, lights_by_month, near_or_over, spreads_of
    from models.risk.drift import MOVED_MUCH

    use_theme()


@app.cell(hide_code=True)
def _():
    mo.md("""
    # 关注名单复核 Risk review

    哪些村半年内可能变差？为什么？以往的名单说对了多少？<br>
    Which villages are likely to get worse within half a year, why, and how far were earlier lists right?

    说的是村级班子的工作，不是任何个人；只供安排走访，由人决定。<br>
    It is about a village team's work, never a person; it serves to plan visits, and a person decides.
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
    risks, verdicts, scores = mirror.risks(), mirror.verdicts(), mirror.scores()
    counties, (drift, moved) = mirror.by_county(risks), mirror.drift()
    no_list = "还没有名单：历史不足，或夜间计算尚未运行到这一步。请运行 `d110 nightly`"
    no_list_en = "There is no list yet: the history is too short, or no night has come that far. Run `d110 nightly`"
    _left_out = [mo.callout(mo.md(mirror.left_out), kind="danger")] if mirror.left_out else []
    mo.stop(not risks, mo.vstack([*_left_out, mo.callout(mo.md(f"{no_list} / {no_list_en}"), kind="info")]))
    mo.vstack(
        [
            *_left_out,
            mo.hstack(
                [
                    mo.stat(str(counties["watched"].sum()), label="关注 watched", bordered=True),
                    mo.stat(str(counties["new"].sum()), label="新增 new", bordered=True),
                    mo.stat(str(counties["dropped"].sum()), label="移出 dropped", bordered=True),
                    mo.stat(str(counties["unknown"].sum()), label="无法判断 can't say", bordered=True),
                    mo.stat(f"{len(scores):,}", label="全部 all", bordered=True),
                ],
                widths="equal",
            ),
        ]
    )
    return counties, drift, moved, risks, scores, verdicts


@app.cell(hide_code=True)
def _(counties):
    alt.Chart(
        counties.assign(原有=counties["watched"] - counties["new"])
        .melt("county", ["原有", "new"], var_name="state", value_name="villages")
        .replace({"state": {"原有": "原已关注 watched before", "new": "今日新增 new today"}})
    ).mark_bar().encode(
        x=alt.X("villages:Q", title="村 villages", axis=alt.Axis(tickMinStep=1)),
        y=alt.Y("county:N", title=None, sort=None),
        color=alt.Color("state:N", title=None, scale=alt.Scale(range=[ACCENT, "#7fb8a4"])),
        order=alt.Order("state:N", sort="descending"),
        tooltip=["county", "state", "villages"],
    ).properties(width=620, title="各县区关注的村 Watched villages by county")
    return


@app.cell(hide_code=True)
def _(mirror):
    scope = mo.ui.dropdown(
        mirror.divisions_to_choose(),
        value=next(iter(mirror.divisions_to_choose())),
        label="范围 scope",
        searchable=True,
    )
    mo.md(f"## {mirror.day} 的名单 / Tonight's list\n\n{scope}")
    return (scope,)


@app.cell(hide_code=True)
def _(mirror, risks, scope, verdicts):
    here = [risk for risk in risks if risk.id.startswith(scope.value) or scope.value.startswith(risk.id[:9])]
    watched = mirror.watched(here, verdicts)
    mo.ui.table(
        watched,
        selection=None,
        page_size=10,
        show_data_types=False,
        show_column_summaries=False,
        wrapped_columns=["村 village", "自 since", "原因 reasons", "研判 verdict"],
        column_widths={
            "村 village": 150,
            "可能性 chance": 110,
            "自 since": 100,
            "原因 reasons": 420,
            "研判 verdict": 105,
        },
        label="可能性以 5% 为一档 chances in steps of 5 %",
    ) if len(watched) else mo.md("此范围内没有关注的村。 No village is watched in this scope.")
    return (here,)


@app.cell(hide_code=True)
def _(here, mirror):
    dropped, unknown = mirror.dropped(here), mirror.unknown(here)
    mo.accordion(
        {
            f"已移出的村及原因 No longer watched, and why（{len(dropped)}）": mo.ui.table(
                dropped,
                selection=None,
                page_size=10,
                show_data_types=False,
                show_column_summaries=False,
                wrapped_columns=["原因 why"],
            )
            if len(dropped)
            else mo.md("没有。 None."),
            f"无法判断的村 Can't say（{len(unknown)}）": mo.ui.table(
                unknown, selection=None, page_size=10, show_data_types=False, show_column_summaries=False
            )
            if len(unknown)
            else mo.md("没有：每个村都有足够的读数。 None: enough is known of every village."),
        },
        multiple=True,
    )
    return


@app.cell(hide_code=True)
def _(counties, risks):
    known = counties[counties["then"] + counties["not_comparable"] > 0]
    _listed, _worse = known["then"].sum(), known["worse"].sum()
    _others, _others_worse, _unlike = (known[name].sum() for name in ("others", "others_worse", "not_comparable"))
    _on = max((risk.outcome.on for risk in risks if risk.outcome is not None), default=None)
    _said = (
        "还没有满半年的名单可供核对。 No list is half a year old yet."
        if known.empty
        else f"{_on} 关注的 {_unlike} 个村都无法比较。 None of the {_unlike} villages watched on {_on} can be compared."
        if not _listed
        else f"""
{_on} 关注、可以比较的 {_listed} 个村中，**{_worse} 个（{_worse / _listed:.0%}）**变差；
同乡镇其余 {_others} 个村中 {_others_worse} 个（{_others_worse / max(_others, 1):.0%}）变差；
另有 {_unlike} 个关注的村无法比较。<br>
Of {_listed} villages watched on {_on} that can be compared, **{_worse} ({_worse / _listed:.0%})** got worse;
of the {_others} others of the same townships {_others_worse} ({_others_worse / max(_others, 1):.0%}) did;
{_unlike} more that were watched could not be compared.
"""
    )
    mo.md(f"## 半年前的名单 The list of half a year ago\n\n{_said}")
    return (known,)


@app.cell(hide_code=True)
def _(known):
    _known = known[known["then"] > 0]
    shares = pd.concat(
        [
            pd.DataFrame(
                {"county": _known["county"], "of": "名单内 on the list", "share": _known["worse"] / _known["then"]}
            ),
            pd.DataFrame(
                {
                    "county": _known["county"],
                    "of": "其余 others",
                    "share": _known["others_worse"] / _known["others"].clip(lower=1),
                }
            ),
        ]
    )
    alt.Chart(shares).mark_bar().encode(
        x=alt.X("share:Q", title="变差的比例 share that got worse", axis=alt.Axis(format="%")),
        y=alt.Y("county:N", title=None, sort=None),
        yOffset=alt.YOffset("of:N", sort=["名单内 on the list", "其余 others"]),
        color=alt.Color(
            "of:N",
            title=None,
            sort=["名单内 on the list", "其余 others"],
            scale=alt.Scale(domain=["名单内 on the list", "其余 others"], range=[ACCENT, SOFT]),
        ),
        tooltip=["county", "of", alt.Tooltip("share:Q", format=".0%")],
    ).properties(width=620, title="名单内外变差的比例 Share that got worse, listed or not") if len(_known) else None
    return


@app.cell(hide_code=True)
def _(drift, moved):
    mo.vstack(
        [
            mo.md(
                f"""
                ## 漂移 Drift

                预测值的分布离当前模型第一夜对同一县区所说的多远（PSI，大于 {MOVED_MUCH} 为明显移动）。<br>
                How far what is said lies from what the model in use said of the same county in its first night
                (PSI; above {MOVED_MUCH} it moved much).
                """
            ),
            alt.layer(
                alt.Chart(drift).mark_rule(color="#b3161e", strokeDash=[4, 3]).encode(x=alt.datum(MOVED_MUCH)),
                alt.Chart(drift)
                .mark_circle(size=70, opacity=0.85)
                .encode(
                    x=alt.X("drift:Q", title="PSI"),
                    y=alt.Y("county:N", title=None, sort=None),
                    color=alt.Color("night:O", title="夜 night", scale=alt.Scale(scheme="teals")),
                    tooltip=["night", "county", "drift"],
                ),
            ).properties(width=620)
            if len(drift)
            else mo.md("还没有一夜的记录。 No night is kept yet."),
            mo.accordion(
                {
                    "移动最多的特征 Features that moved most": mo.ui.table(
                        moved, selection=None, page_size=10, show_data_types=False, show_column_summaries=False
                    )
                    if len(moved)
                    else mo.md("没有明显移动的特征。 None moved much.")
                }
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _(mirror):
    card = risk_folder(mirror.folder) / "card.md"
    mo.accordion({"模型说明 Model card": mo.md(card.read_text("utf-8")) if card.exists() else mo.md("没有。 None.")})
    return


@app.cell(hide_code=True)
def _(mirror, risks, scope):
    choices = mirror.villages_to_choose(scope.value, risks)
    village = mo.ui.dropdown(choices, value=next(iter(choices)), label="村 village", searchable=True)
    mo.md(
        f"""
        ## 一个村 One village

        在上面选定的范围内选择；● 为关注中的村，排在前面。<br>
        Choose within the scope above; villages marked ● are watched and come first.

        {village}
        """
    )
    return (village,)


@app.cell(hide_code=True)
def _(mirror, village):
    panel, _fault = read_or_say(lambda: mirror.county_panel(village.value[:6]))
    mo.stop(panel is None, mo.callout(mo.md(_fault), kind="danger"))
    spreads = spreads_of(panel)
    return panel, spreads


@app.cell(hide_code=True)
def _(mirror, panel, risks, scores, verdicts, village):
    unit = list(panel.units).index(village.value)
    its = next((one for risk in risks for one in risk.watched if one.village == village.value), None)
    score, said = scores.reindex([village.value]).iloc[0], verdicts.get(village.value)
    reasons = "".join(f"\n- {one.zh}  \n  {one.en}" for one in its.reasons) if its else ""
    state = f"关注中，自 {its.since} 起 watched since {its.since}" if its else "不在名单上 not on the list"
    chance = (
        "没有得分 there is no score"
        if pd.isna(score["rank"])
        else "读数太少，无法判断 too little is known to say"
        if score["is_unknown"]
        else (
            f"变差的可能性约 {percent(score['probability'])}%，全县第 {score['rank']:.0f} 位 / "
            f"about {percent(score['probability'])} % likely to get worse, rank {score['rank']:.0f} in its county"
        )
    )
    word = "" if said is None else f"\n\n研判 verdict：{'属实 right' if said.is_right else '不属实 wrong'}　{said.text}"
    mo.md(f"### {mirror.path(village.value)}\n\n{state}。{chance}。\n{reasons}{word}")
    return (unit,)


@app.cell(hide_code=True)
def _(panel, unit):
    history = lights_by_month(panel, unit)
    alt.Chart(history[history["light"].isin(["yellow", "red"])].replace({"light": LIGHT_WORDS})).mark_bar().encode(
        x=alt.X("month:O", title=None, axis=alt.Axis(labelAngle=-45)),
        y=alt.Y("indicators:Q", title="指标数 indicators", axis=alt.Axis(tickMinStep=1)),
        color=light_colour(["yellow", "red"]),
        tooltip=["month", "light", "indicators"],
    ).properties(
        width=620,
        height=160,
        title="每月同一日亮黄灯、红灯的指标 Indicators in yellow and red on this day of each month",
    )
    return


@app.cell(hide_code=True)
def _(mirror, panel, unit):
    named = {one.code: f"{one.code} {one.name_zh} {one.name_en}" for one in mirror.setup.rulebook.catalogue.indicators}
    lamps = lamps_by_month(panel, unit)
    alt.Chart(lamps.replace({"light": LIGHT_WORDS, "indicator": named})).mark_rect(stroke="#ffffff").encode(
        x=alt.X("month:O", title=None, axis=alt.Axis(labelAngle=-45)),
        y=alt.Y("indicator:N", title=None),
        color=light_colour(),
        tooltip=["month", "indicator", "light"],
    ).properties(
        width=560,
        height=alt.Step(18),
        title="亮过灯的指标，每月同一日的灯 Indicators that were ever lit, on this day of each month",
    ) if len(lamps) else mo.md("没有任何指标亮过灯。 None of its indicators was ever lit.")
    return (named,)


@app.cell(hide_code=True)
def _(mirror, named, panel, spreads, unit):
    near = near_or_over(panel, unit, spreads, mirror.setup.rulebook.catalogue)
    shown_near = near.assign(
        indicator=near["indicator"].map(named),
        light=near["light"].map(LIGHT_WORDS),
        **{name: near[name].map("{:.6g}".format).replace("nan", "—") for name in ("value", "yellow", "red")},
        room=near["room"].map("{:.2g}".format).replace("nan", "—"),
    )
    mo.vstack(
        [
            mo.md("**亮灯或接近黄线的指标** / Indicators that are lit, or near their yellow threshold"),
            mo.ui.table(
                shown_near.rename(
                    columns={
                        "indicator": "指标 indicator",
                        "value": "读数 value",
                        "yellow": "黄线 yellow",
                        "red": "红线 red",
                        "light": "灯 light",
                        "month": "读于 read in",
                        "room": "余量 room",
                    }
                ),
                selection=None,
                page_size=10,
                show_data_types=False,
                show_column_summaries=False,
                wrapped_columns=["指标 indicator"],
                column_widths={
                    "指标 indicator": 260,
                    **dict.fromkeys(("读数 value", "黄线 yellow", "红线 red", "灯 light"), 85),
                    **dict.fromkeys(("读于 read in", "余量 room"), 90),
                },
                label="余量：离下一条线还有几个标准差 room: standard deviations to the next threshold",
            )
            if len(near)
            else mo.md("没有。 None."),
        ]
    )
    return


@app.cell(hide_code=True)
def _(mirror):
    outbox = VerdictOutbox(mirror.data_dir)
    waiting, set_waiting = mo.state(outbox.waiting())
    told, set_told = mo.state("")
    return outbox, set_told, set_waiting, told, waiting


@app.cell(hide_code=True)
def _(mirror, outbox, set_told, set_waiting, village):
    verdict = (
        mo.md("{is_right}\n\n{text}")
        .batch(
            is_right=mo.ui.radio({"属实 right": True, "不属实 wrong": False}, inline=True),
            text=mo.ui.text_area(
                label="依据（不写姓名和号码） grounds (no names, no numbers)", max_length=2_000, rows=3, full_width=True
            ),
        )
        .form(
            submit_button_label="记录 record",
            validate=lambda said: what_is_missing(bool(said["is_right"]), said["text"]),
            on_change=lambda said: (
                said
                and (
                    outbox.add(village.value, said["is_right"], said["text"]),
                    set_waiting(outbox.waiting()),
                    set_told("已保存在本机，尚未提交 / kept on this machine, not handed in yet"),
                )
            ),
        )
    )
    mo.vstack(
        [
            mo.md(
                f"""
                ## 研判意见 Verdict

                **{mirror.name(village.value)}**：现在列入（或不久前列入）名单，对吗？
                Is it, or was it lately, watched rightly?<br>
                先保存在本机，再提交到网关；没有网络也不会丢失。
                It is kept on this machine first and handed in then; without a network nothing is lost.
                """
            ),
            verdict,
        ]
    )
    return


@app.cell(hide_code=True)
def _(mirror, outbox, set_told, set_waiting, told, waiting):
    rows = [
        {
            "村 village": mirror.name(one.village),
            "意见 verdict": "属实 right" if one.is_right else "不属实 wrong",
            "依据 grounds": one.text,
            "未能提交的原因 why not yet": " / ".join(one.last) or "尚未提交 not handed in yet",
        }
        for one in waiting()
    ]
    drop = mo.ui.dropdown(
        {f"{mirror.name(one.village)} {one.ulid}": one.ulid for one in waiting()},
        label="不再提交 withdraw one",
        on_change=lambda ulid: (
            ulid and (outbox.drop(ulid), set_waiting(outbox.waiting()), set_told("已删除 / withdrawn"))
        ),
    )
    mo.vstack(
        [
            mo.callout(mo.md(told()), kind="neutral") if told() else mo.md(""),
            *(
                mo.callout(
                    mo.md(
                        f"{mirror.data_dir}/outbox/verdicts/{_name} 损坏，无法提交；其余照常 / is damaged and is not "
                        "handed in; the others are"
                    ),
                    kind="danger",
                )
                for _name in outbox.damaged()
            ),
            mo.md(f"**待提交 / Waiting: {len(rows)}**"),
            *(
                [
                    mo.ui.table(
                        rows,
                        selection=None,
                        show_data_types=False,
                        show_column_summaries=False,
                        show_search=False,
                        show_download=False,
                        wrapped_columns=["依据 grounds", "未能提交的原因 why not yet"],
                        column_widths={"依据 grounds": 280, "未能提交的原因 why not yet": 420},
                    ),
                    drop,
                ]
                if rows
                else []
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _(outbox, set_told, set_waiting):
    hand_in = (
        mo.md("{address} {alias} {password}")
        .batch(
            address=mo.ui.text(ADDRESS, label="网关地址 address"),
            alias=mo.ui.text(label="账号 account"),
            password=mo.ui.text(kind="password", label="密码 password"),
        )
        .form(
            submit_button_label="提交到网关 hand in",
            clear_on_submit=True,
            on_change=lambda typed: (
                typed
                and (
                    set_told(outbox.hand_in(typed["address"], typed["alias"], typed["password"]).in_words()),
                    set_waiting(outbox.waiting()),
                )
            ),
        )
    )
    mo.vstack(
        [
            hand_in,
            mo.md(
                "以登录的账号提交；地址、账号、密码都不保存。<br>"
                "Handed in as the account that logs in; address, account and "
                "password are not kept."
            ),
        ]
    )
    return


if __name__ == "__main__":
    app.run()
