"""The offices' words for the names in code, for reasons that people read. GLOSSARY holds them beside the English."""

from __future__ import annotations

from typing import Final

#: Kinds of event, as ``models.documents`` tags them.
KINDS: Final[dict[str, str]] = {
    "report": "上报",
    "round": "走访登记",
    "answer": "答复",
    "case": "事项办理",
    "inspection": "抽查",
    "meeting": "会议",
    "pledge": "责任书",
    "training": "培训",
    "service": "为民服务",
    "appointment": "聘任",
    "omission": "迟报漏报认定",
    "verdict": "研判意见",
    "acknowledgement": "签收",
}
#: Steps of a case.
STEPS: Final[dict[str, str]] = {
    "opened": "立项",
    "noticed": "警示通知",
    "assigned": "交办",
    "deadline": "限期整改通知",
    "team_sent": "派工作组",
    "progress": "进展",
    "reviewed": "跟踪复查",
    "cleared": "撤销警示",
    "reopened": "反弹重立",
    "escalated": "上交",
}
#: Fields of events.
FIELDS: Final[dict[str, str]] = {
    "_id": "编号",
    "_rev": "版本",
    "_revisions": "版本历史",
    "type": "类型",
    "simulated": "模拟标记",
    "observed_at": "发现时间",
    "saved_at": "保存时间",
    "clock_offset_ms": "时钟误差",
    "app_version": "程序版本",
    "amends": "所更正的编号",
    "indicator": "指标",
    "severity": "问题大小",
    "text": "内容",
    "channel": "来源",
    "place": "地点",
    "photos": "照片",
    "readings": "读数",
    "author": "填写人",
    "about": "所指的编号",
    "step": "步骤",
    "due": "办理期限",
    "department": "部门",
    "found": "所查",
    "done": "所办",
    "verified_by": "核实人",
    "is_planned": "是否计划内",
    "topic": "主题",
    "departments": "部门",
    "signer": "签订人",
    "until": "截止日期",
    "attended": "人数",
    "amount": "数量",
    "unit": "单位",
    "alias": "代号",
    "is_dismissal": "是否解聘",
    "natural_villages": "自然村",
    "households": "户数",
    "finding": "认定",
    "is_right": "是否正确",
    "notice": "文号",
    "is_department": "是否部门签收",
}
