import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from models.personal_numbers import has_personal_number, mask_personal_numbers

#: What villages and offices write, with the numbers that stand in it; a sentence a line.
ORDINARY = """
补偿款共计2345678元，已兑付1800000元，余545678元未付
打款2000000元至村集体账户，账号尾号6789
合同金额8,345,678.00元，首付30%
流转土地2345.67亩，每亩800元，年租金1876536元
电话费2345678元？核实为234.56元
电话登记20260301第3号
电话记录：2026-11-27 08:30，2026-11-27 17:45
2026年11月27日电话反映，涉及12户46人
来电20261127，群众反映路灯不亮
热线2019—2025年共受理8345件
热线2024-2025年度受理群众来电2345678人次
市民热线12345转办单202611270835号
菏政办发〔2026〕12号、〔2026〕13号
鲁菏巨证字第20261234567号
地块编号371724109217JC00012，面积1234.56平方米
不动产权证号：鲁（2026）巨野县不动产权第0012345号
宗地号3717241092170001，四至清楚
合同编号：HT20260301001
合同编号4008123456，一式三份
发票号码12345678，金额2345678元
发票号码23456789，已入账
国债编号20261127001，财政票据号8345678
户号8345678，电表读数2345678度
水表8345678号，读数00234567
机井编号2345678，深度120米
桥梁全长345.6米，宽12.5米，造价4500000元
村集体收入4003000500元（全镇合计）
亩产800 750 1200斤
三笔支出分别为800、350、1200元
三笔支出分别为400 300 2500元
指标值：12、8、15、23、4、7、9、31、2、18、5
各组户数：138、201、138、145、133人
1.1.1、1.1.2、1.1.3、1.2.1、1.2.2、1.3.1均正常
经度115.4321567，纬度35.1234567
坐标 115.432156 35.123456
身高178体重80，血压138/90
党员128人，其中60岁以上45人，占35.2%
一组35户，二组42户，三组38户，四组51户，五组47户
2024、2025、2026三年分别修路1.2、2.3、3.4公里
1月3000元、2月3200元、3月3100元、4月2900元
2026.1.3、2026.2.7、2026.3.15三次开会
上午8:00—11:30，下午14:00—17:30
车牌鲁R12345、鲁R3D456
抽水机型号QJ200-80-30，功率37kW
设备编号E12345678
G35高速、G1511线、S339线K123+450处
手机信号差，基站距村2345米
手机2345678部（全市）
用手机拍照20261127张贴情况
联系群众2345678人次
联系2组36户、3组41户
联系村12个，覆盖面积2345678平
传真件编号FX202611270001
种植面积2345678平方米，产量4500000公斤
二〇二六年十一月二十七日上午九时三十分
一二三组已完成，四五六组未完成，七八九组未开始
一百二十三万四千五百六十七元八角九分
两委会两次研究，两户两家，两两结对
桥洞两处、涵洞三处、拐角一处
壹佰贰拾叁万肆仟伍佰陆拾柒元整
退还保证金￥4,500,000.00
邮编274900，区划代码371724109217
01ARZ3NDEKTSV4RRFFQ69G5FAV
小麦保险单号PDAA2026371724000012345
低保证号3717240012，残疾证已办
统一社会信用代码54371724MF1234567X
组织机构代码12345678-9
银行卡尾号6789，余额45678.90元
粮补面积3.5、4.2、2.8、6.1、5.5、3.9亩
第3717期、第3718期简报
ILO、OK、lol、Illinois、cool
电话 2 部、电脑 3 台、桌椅 45 套
""".strip()


NUMBERS = (
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
    "138·0013·8000",
    "138,0013,8000",
    "138、0013、8000",
    "138_0013_8000",
    "138/0013/8000",
    "138…0013…8000",
    "138--0013--8000",
    "138 - 0013 - 8000",
    "138  0013  8000",
    "138\n0013\n8000",
    "138\u200b00138000",
    "1\u200b3\u200b8\u200b0\u200b0\u200b1\u200b3\u200b8\u200b0\u200b0\u200b0",
    "①③⑧⓪⓪①③⑧⓪⓪⓪",
    "𝟭𝟯𝟴𝟬𝟬𝟭𝟯𝟴𝟬𝟬𝟬",
    "372929、19800101、123X",
    "138*0013*8000",
    "见 1.3.5 1.4.2 1.5.1 138 0013 8000",
    "138“0013”8000",
    "138,001,380,00",
    "➀➂➇⓪⓪➀➂➇⓪⓪⓪",
    "0530－555－1234",
    "电话8345678",
    "电话：834 5678",
    "联系电话是8345678，8345679",
    "电话：王某某 8345678",
    "村委座机 8345-6780（下午有人）",
    "Tel: 8345678",
    "请打8345678找值班的",
    "电话八三四五六七八",
    "4008123456",
    "可拨打400-812-3456投诉",
    "热线 400 812 3456",
    "٠٥٣٠٥٥٥١٢٣٤",
    "١٣٨٠٠١٣٨٠٠٠",
    "१३८००१३८०००",
    "1️⃣3️⃣8️⃣0️⃣0️⃣1️⃣3️⃣8️⃣0️⃣0️⃣0️⃣",
    "幺三八洞洞幺三八洞洞洞",
    "13800I38000",
    "l3800138000",
    "138OO138OOO",
    "护照号E12345678",
    "第一13800138000",
    "桥洞13800138000",
    "+86-530-5551234",
)
OTHERS = (
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
    "第 1、3、5、7、9、2、4、6、8、10 组",
    "1,381,234,567 元",
    "13、14、15、16、17、18 户",
    "3.1.1、3.1.2、4.2.1、4.2.3",
    "2026-11-20、2026-11-27、2026-12-04",
    "380 伏，1380 米，4500 元，12 户",
    "涉及指标1.3.5、1.4.2、1.5.1、2.1.3",
    "对照1.3.1、1.3.2、1.3.3、1.3.4逐项核对",
    "1.3.1 1.3.2 1.3.3 1.3.4",
    "查看了1.3.5.7.9.11.13.15号楼",
    "评分1、4、5、3、5、4、5、4、5、3、5",
    *(line for line in ORDINARY.splitlines() if line),
)


@pytest.mark.parametrize("text", NUMBERS)
def test_personal_numbers_are_found_and_struck_out(text: str) -> None:
    assert has_personal_number(text)
    assert not has_personal_number(mask_personal_numbers(text))
    assert "1380013" not in mask_personal_numbers(text)


@pytest.mark.parametrize("text", OTHERS)
def test_other_numbers_pass(text: str) -> None:
    assert not has_personal_number(text)
    assert mask_personal_numbers(text) == text


def test_a_row_of_local_numbers_is_struck_out_and_the_words_before_it_stay() -> None:
    assert mask_personal_numbers("电话8345678、8345679，路灯不亮") == "电话＊＊＊，路灯不亮"


def test_the_pages_know_the_same_numbers_as_the_gateway() -> None:
    """``shared/personal.ts`` as the browser runs it, asked for all the texts of this file."""
    web = Path(__file__).parents[3] / "sync_api" / "web"
    program = """
      const { readFileSync, writeFileSync, mkdtempSync, rmSync } = await import('node:fs');
      const { join } = await import('node:path'), { tmpdir } = await import('node:os');
      const { default: typescript } = await import('typescript');
      const folder = mkdtempSync(join(tmpdir(), 'personal-'));
      for (const name of ['documents', 'personal']) {
        const source = readFileSync(`shared/${name}.ts`, 'utf8').replace("'./documents'", "'./documents.mjs'");
        const options = { compilerOptions: { target: 'es2022', module: 'es2022' } };
        writeFileSync(join(folder, `${name}.mjs`), typescript.transpileModule(source, options).outputText);
      }
      const { personalNumber } = await import(join(folder, 'personal.mjs'));
      rmSync(folder, { recursive: true });
      const texts = JSON.parse(readFileSync(0, 'utf8'));
      console.log(JSON.stringify(texts.map((text) => personalNumber(text) !== undefined)));
    """
    texts = [*NUMBERS, *OTHERS]
    answer = subprocess.run(
        ["node", "--input-type=module", "-e", program],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        cwd=web,
        check=True,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
    )
    assert dict(zip(texts, json.loads(answer.stdout), strict=True)) == {text: text in NUMBERS for text in texts}
