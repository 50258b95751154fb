"""The offices' words for the names in code, for reasons that people read. GLOSSARY holds them beside the English."""

from __future__ import annotations

from typing import Final

from models.documents import AgendaSection, Presence, Topic

#: Kinds of event, as ``models.documents`` tags them.
KINDS: Final[dict[str, str]] = {
    "report": "上报",
    "round": "走访登记",
    "answer": "答复",
    "case": "事项办理",
    "inspection": "抽查",
    "patrol": "巡查安排",
    "agenda": "会议议程",
    "meeting": "会议",
    "carrying": "议定事项办理",
    "team": "工作组",
    "pledge": "责任书",
    "training": "培训",
    "service": "为民服务",
    "appointment": "聘任",
    "omission": "迟报漏报认定",
    "verdict": "研判意见",
    "acknowledgement": "签收",
    "withdrawal": "文件撤回",
    "decision": "考核决定",
    "settlements": "自然村登记",
    "sanction": "信息员处理决定",
}
#: Steps of a case.
STEPS: Final[dict[str, str]] = {
    "opened": "立项",
    "seen": "阅知",
    "noticed": "警示通知",
    "taken": "受理",
    "assigned": "交办",
    "deadline": "限期整改通知",
    "team_sent": "派工作组",
    "progress": "进展",
    "submitted": "提请复查",
    "reviewed": "跟踪复查",
    "cleared": "撤销警示",
    "reopened": "反弹重立",
    "escalated": "上交",
    "recalled": "文件撤回",
}
#: Papers that offices issue.
PAPERS: Final[dict[str, str]] = {"warning": "警示通知", "rectification": "限期整改通知书", "circular": "通报"}
#: How grave a matter is, and where it stands (mission 8 and 9).
SEVERITIES: Final[dict[str, str]] = {"minor": "小问题", "general": "一般问题", "major": "重大问题"}
STAGES: Final[dict[str, str]] = {
    "reported": "已上报",
    "warned": "已警示",
    "noticed": "已通知",
    "handling": "办理中",
    "review": "待复查",
    "cleared": "已撤销",
}
#: How a matter came in (mission 6).
CHANNELS: Final[dict[str, str]] = {
    "tablet": "平板",
    "letter_box": "村情收集箱",
    "hotline": "民情电话",
    "visit": "走访座谈",
    "department": "部门",
    "patrol": "巡查发现",
}
#: What is done for people, and what it is counted in: proposed by forms; an office may write another.
SERVICES: Final[dict[str, tuple[str, str, str]]] = {
    "修路": ("公里", "Roads", "km"),
    "架桥": ("座", "Bridges", "bridges"),
    "修涵洞": ("处", "Culverts", "culverts"),
    "清淤沟渠": ("米", "Channels", "m"),
    "改善校舍": ("所", "Schools", "schools"),
    "通自来水": ("户", "Water", "households"),
    "走访慰问": ("户", "Visits", "households"),
    "协调资金": ("万元", "Funds arranged", "10,000 yuan"),
    "办实事": ("件", "Other deeds", "deeds"),
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
    "withdrawn": "撤回原因",
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
    "office": "首问或承办单位",
    "is_better": "复查结论",
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
    "score": "得分",
    "grade": "档次",
    "measures": "奖惩措施",
    "villages": "村",
    "village": "村",
    "since": "开始日期",
    "count": "数量",
    "commitment": "封签",
    "secret": "底数",
    "word": "见证词",
    "patrol": "所属巡查",
    "held_on": "会议日期",
    "items": "议程",
    "begins_at": "开会时间",
    "excused": "请假单位",
    "observers": "列席单位",
    "chair": "主持",
    "dissent": "不同意见",
    "next_on": "下次会议日期",
    "resolutions": "议定事项",
    "line": "第几项",
    "members": "人数",
    "informants": "参训信息员",
    "omissions": "所依据的认定",
    "disciplines": "处理方式",
    "withheld_months": "扣发月数",
    "suspended_days": "停岗天数",
}
#: What requests hold besides.
REQUESTED: Final[dict[str, str]] = {
    "again": "是否再次签发",
    "asked": "要求",
    "case": "事项",
    "checker": "检查单位",
    "code": "代码",
    "contact": "联系人",
    "copies": "抄送",
    "corrects": "所更正的登记",
    "decision": "议定意见",
    "device": "设备",
    "division": "单位",
    "feed": "更新方式",
    "figure": "数字",
    "form": "文件格式",
    "helpers": "配合单位",
    "id": "编号",
    "is_open": "是否未了结",
    "kind": "登记的种类",
    "language": "语言",
    "lead": "牵头单位",
    "limit": "条数",
    "matter": "事项",
    "month": "月份",
    "name": "名称",
    "norm": "依据",
    "notice_id": "文件编号",
    "offset": "起始位置",
    "only": "筛选",
    "overdue": "是否逾期",
    "owed_by": "应办单位",
    "part": "名单",
    "password": "密码",
    "patrol_id": "巡查编号",
    "people": "人口",
    "period": "考核期",
    "pool": "抽签范围",
    "quarantine_id": "退回编号",
    "red": "是否红灯",
    "refresh_token": "登录凭证",
    "relapse": "是否反弹",
    "remarks": "说明",
    "report": "上报编号",
    "reported": "反映情况",
    "section": "议程部分",
    "ulid": "编号",
    "untaken": "是否无人受理",
    "version": "第几版",
    "village": "村",
    "withdraws": "所撤回的登记",
    "within": "所在单位",
    "words": "关键词",
    "year": "年份",
}
#: What an agenda goes through, in its order, as papers name it.
AGENDA: Final[dict[AgendaSection, str]] = {
    "last": "上次议定事项办理情况",
    "month": "动态管理总体情况",
    "red": "红灯和逾期事项逐件研究",
    "untaken": "无人受理事项",
    "tendency": "倾向性、苗头性问题",
    "teams": "派出和撤回工作组",
    "patrols": "巡查结果",
    "next": "下一步安排",
}
#: What is held, and how an office took part in it (mission 11).
MEETINGS: Final[dict[Topic, str]] = {
    "joint_conference": "联席会议",
    "township_special": "专题会议",
    "other": "会议",
}
PRESENCE: Final[dict[Presence, str]] = {"present": "出席", "excused": "请假", "observing": "列席"}
#: What may be said of an informant's report, by which steps, and what may follow (mission 7).
FINDINGS: Final[dict[str, str]] = {"late": "迟报", "missed": "漏报", "concealed": "瞒报"}
OMISSION_STEPS: Final[dict[str, str]] = {
    "found": "发现",
    "confirmed": "认定",
    "set_aside": "不予认定",
    "appealed": "申诉",
    "upheld": "维持",
    "withdrawn": "撤销",
}
DISCIPLINES: Final[dict[str, str]] = {"admonished": "批评教育", "county_notice": "全县通报批评", "suspended": "停岗"}
#: How a village team stands, and what may follow (mission 12).
GRADES: Final[dict[str, str]] = {"strong": "强", "fair": "中", "weak": "软弱涣散", "paralysed": "瘫痪"}
MEASURES: Final[dict[str, str]] = {
    "commendation": "通报表扬",
    "criticism": "通报批评",
    "one_grade_lower": "降低一个档次",
    "self_criticism": "书面检查",
    "no_merit": "取消评先评优",
    "two_grades_lower": "降低两个档次",
    "admonition": "诫勉谈话",
    "reassignment": "调整岗位",
}
#: What a village may be called besides its grade.
MARKS: Final[dict[str, str]] = {
    "five_good": "五好",
    "developing": "经济发展村",
    "civil": "文明村",
    "harmonious": "和谐村",
}
