"""Chinese (zh-CN) words: every phrase and every term.

May not hold logic. A centre overrides any of these by key.
"""

from __future__ import annotations

from prompts.phrase import Element, Language, Phrase

_SILENT_WHY = (
    "上一句话说完后客户已 {silent_s} 秒没有声音，"
    "您这边的设备和线路都正常，按静默通话流程，该说第 {stage} 句了。"
)
_WHERE_WHY = "依据：{where}，从 {since_s} 秒前开始（{evidence}）。这段无声不算作客户静默。"
_HINT_WHY = "依据声音推测，从约 {since_s} 秒前开始，把握约 {sure_percent}%；仅供参考，由您决定。"

PHRASES = (
    # opening ------------------------------------------------------------------------------------
    Phrase(
        "opening.inbound",
        show="请说开场白：问候、中心、欢迎、主动帮助",
        say=(
            (Element.GREETING, "[{customer}，]{greeting}！"),
            (Element.CENTRE, "这里是{centre}，"),
            (Element.STAFF_NUMBER, "[工号{staff}，]"),
            (Element.WELCOME, "欢迎您来电。"),
            (Element.OFFER, "请问有什么可以帮您？"),
        ),
        why="电话接通已 {silent_s} 秒还没有听到开场白，再晚客户会以为无人接听。",
    ),
    Phrase(
        "opening.outbound",
        show="请说开场白：问候、致歉、中心、工号、核对",
        say=(
            (Element.GREETING, "{greeting}，"),
            (Element.SORRY_TO_DISTURB, "打扰您了。"),
            (Element.CENTRE_AND_ROLE, "我是{centre}的客服代表，"),
            (Element.STAFF_NUMBER, "[工号{agent}。]"),
            (Element.NAME_CHECK, "[请问您是{customer}吗？|请问怎么称呼您？]"),
        ),
        why="对方接起已 {silent_s} 秒还没有听到开场白，再晚对方会以为是骚扰电话。",
    ),
    Phrase(
        "opening.greet_back",
        show="客户回了问候：带称呼回应，再次主动帮助",
        say=(
            (Element.GREETING, "[{customer}，]{greeting}！"),
            (Element.OFFER, "很高兴为您服务，请问有什么可以帮您？"),
        ),
        why="客户听到“请问有什么可以帮您”后又问候了一次，应带称呼回应，并再次主动提供帮助。",
    ),
    Phrase(
        "opening.reason",
        show="请说明致电原因",
        say=((Element.REASON, "[这次给您打电话，是关于{matter}。|有一项业务需要告知您。]"),),
        why="客户已回应姓名核对，接下来应说明致电原因。",
    ),
    # silent call --------------------------------------------------------------------------------
    Phrase(
        "silent.stage_2.inbound",
        show="客户无声：再问好，主动帮助",
        say=((Element.GREETING, "您好，"), (Element.OFFER, "很高兴为您服务，请问有什么可以帮您？")),
        why=_SILENT_WHY,
    ),
    Phrase(
        "silent.stage_2.outbound",
        show="客户无声：再问好，说原因，核对姓名",
        say=(
            (Element.GREETING, "您好，"),
            (Element.REASON, "[{centre}给您打电话是关于{matter}，|{centre}有一项业务需要告知您，]"),
            (Element.NAME_CHECK, "[请问您是{customer}吗？|请问怎么称呼您？]"),
        ),
        why=_SILENT_WHY,
    ),
    Phrase(
        "silent.stage_3.inbound",
        show="仍无声：致歉听不到，稍候或换电话，道别",
        say=(
            (Element.APOLOGY, "很抱歉，"),
            (Element.CANNOT_HEAR, "可能是电话或线路的原因，我听不到您的声音。"),
            (Element.WAIT_OR_OTHER_PHONE, "请您稍候，或换一部电话再打来。"),
            (Element.THANKS, "感谢您的来电，"),
            (Element.GOODBYE, "再见。"),
        ),
        why=_SILENT_WHY,
    ),
    Phrase(
        "silent.stage_3.outbound",
        show="仍无声：致歉听不到，稍后再打，道别",
        say=(
            (Element.APOLOGY, "很抱歉，"),
            (Element.CANNOT_HEAR, "可能是电话故障或信号不好，我听不到您的声音。"),
            (Element.CALL_AGAIN, "我稍后再给您打电话。"),
            (Element.SORRY_TO_DISTURB, "打扰您了，"),
            (Element.GOODBYE, "再见。"),
        ),
        why=_SILENT_WHY,
    ),
    Phrase(
        "silent.may_hang_up.inbound",
        show="三句已说完，可以挂机",
        why="三句话都已说完，之后客户又 {silent_s} 秒没有声音，按流程可以挂机。",
    ),
    Phrase(
        "silent.may_hang_up.outbound",
        show="三句已说完，可以挂机；回拨已记入待办",
        why="三句话都已说完，之后客户又 {silent_s} 秒没有声音，可以挂机；话里答应了再打，所以记一条回拨。",
    ),
    Phrase(
        "silent.hang_up_too_early",
        show="先别挂：三句话还没说完；再按一次就挂断",
        why="静默通话要说完三句并等够时间才可以挂机，目前只听到 {stage_heard} 句，还缺：{missing}。",
    ),
    # silence with another cause -------------------------------------------------------------------
    Phrase(
        "cause.agent_muted",
        show="您已静音，客户听不到您：请取消静音",
        why="您的话筒是静音状态。" + _WHERE_WHY,
    ),
    Phrase(
        "cause.speaking_while_muted",
        show="您在静音中讲话，客户听不到：请取消静音",
        why="话筒收到了您的讲话，但静音开着，客户听不到。" + _WHERE_WHY,
    ),
    Phrase(
        "cause.agent_mic_dead",
        show="话筒没有声音：检查话筒杆、插头和所选设备",
        why="您的声音没有从话筒送出去。" + _WHERE_WHY,
    ),
    Phrase(
        "cause.agent_mic_too_quiet",
        show="您的声音太小：把话筒移到左嘴角下方",
        why="您的声音太小，客户可能听不清。" + _WHERE_WHY,
    ),
    Phrase("cause.headset_unplugged", show="耳机断开了：请插好，或拿起听筒", why="耳机已断开。" + _WHERE_WHY),
    Phrase(
        "cause.line_audio_dead.inbound",
        show="线路没有声音：请客户换电话再打",
        say=(
            (Element.APOLOGY, "很抱歉，"),
            (Element.CANNOT_HEAR, "线路出了问题，我听不到您的声音。"),
            (Element.WAIT_OR_OTHER_PHONE, "请您稍候，或换一部电话再打来。"),
        ),
        why="线路没有送来客户的声音，不是客户不说话。" + _WHERE_WHY,
    ),
    Phrase(
        "cause.line_audio_dead.outbound",
        show="线路没有声音：告知客户您稍后再打过去",
        say=(
            (Element.APOLOGY, "很抱歉，"),
            (Element.CANNOT_HEAR, "线路出了问题，我听不到您的声音。"),
            (Element.CALL_AGAIN, "我稍后再给您打电话。"),
        ),
        why="线路没有送来客户的声音，不是客户不说话。" + _WHERE_WHY,
    ),
    Phrase(
        "cause.music_or_tone",
        show="对方是音乐或提示音：不是客户在说话",
        why="听到的是音乐或提示音，不是人声。" + _WHERE_WHY,
    ),
    Phrase(
        "cause.unknown",
        show="原因不明：请说句话，看话筒灯有无反应",
        say=((Element.GREETING, "您好，"), (Element.CENTRE, "这里是{centre}。")),
        why="没有声音，但还分不清是客户、线路还是您这边的设备。" + _WHERE_WHY,
    ),
    # hints about the sound -----------------------------------------------------------------------
    Phrase(
        "near.clipping",
        show="您的声音过大失真：话筒移开些，调低增益",
        why="您的声音超出了话筒能送的范围，客户听到的是破音。" + _HINT_WHY,
    ),
    Phrase(
        "near.hum",
        show="话筒有电流声：检查插头，远离电源",
        why="话筒里一直有低沉的电流嗡声。" + _HINT_WHY,
    ),
    Phrase(
        "near.offset",
        show="话筒信号偏移：换一个接口或耳机试试",
        why="话筒信号不在零位，多半是接口或耳机的电路问题。" + _HINT_WHY,
    ),
    Phrase(
        "near.breath_pops",
        show="有喷气声：话筒移到左嘴角下方",
        why="呼吸直接吹到话筒，客户会听到噗噗声。" + _HINT_WHY,
    ),
    Phrase(
        "near.loud_background",
        show="您身边较吵：话筒靠近嘴，请周围小声",
        why="您不说话时，话筒里的环境声也很响。" + _HINT_WHY,
    ),
    Phrase(
        "near.poor_snr",
        show="您的声音被噪声盖住：话筒靠近嘴些",
        why="您的声音比环境声高得不多，客户听着费力。" + _HINT_WHY,
    ),
    Phrase(
        "near.too_quiet",
        show="您的声音偏小：话筒靠近嘴，略大声些",
        why="您的声音偏小，客户听着像没有把握。" + _HINT_WHY,
    ),
    Phrase(
        "near.gaps",
        show="您的声音断续：检查接线或无线距离",
        why="话筒的声音一段段缺失，客户听不完整。" + _HINT_WHY,
    ),
    Phrase(
        "near.wrong_device",
        show="可能用错了话筒：检查所选的录音设备",
        why="这路声音不像来自您的耳机话筒。" + _HINT_WHY,
    ),
    Phrase(
        "near.coupling",
        show="话筒收进了听筒声：调低音量，戴好耳机",
        why="客户的声音从您的听筒又进了话筒，客户会听到自己。" + _HINT_WHY,
    ),
    Phrase(
        "far.too_quiet",
        show="客户声音小：可请客户稍大声一点",
        say=(
            (Element.SYMPTOM, "您的声音听起来有点小，"),
            (Element.LOUDER, "麻烦您稍微大声一点，好吗？"),
            (Element.THANKS, "谢谢您。"),
        ),
        why="客户的声音偏小；可以重复请求，直到双方都听得清楚。" + _HINT_WHY,
    ),
    Phrase(
        "far.hands_free",
        show="客户像在用免提：可询问，引导关闭",
        say=(
            (Element.SYMPTOM, "您那边的声音有些空旷、带回音，"),
            (Element.ASK_HANDS_FREE, "请问您是不是开着免提？"),
            (Element.SWITCH_OFF, "如果开着，麻烦按一下免提键关掉，用听筒跟我说。"),
            (Element.THANKS, "谢谢您。"),
        ),
        why="客户的声音空旷、带混响，像是免提。" + _HINT_WHY,
    ),
    Phrase(
        "far.noise",
        show="客户那边嘈杂：可请其换个地方或电话",
        say=(
            (Element.SYMPTOM, "您那边比较嘈杂，我听不太清楚，"),
            (Element.MOVE_OR_OTHER_PHONE, "方便换个安静些的地方，或者换一部电话吗？"),
            (Element.THANKS, "谢谢您。"),
        ),
        why="客户身边的声音很响。客户不愿意时才请其稍后再打，或换一部电话。" + _HINT_WHY,
    ),
    Phrase(
        "far.gaps",
        show="客户声音断续：可请其换个位置或电话",
        say=(
            (Element.SYMPTOM, "您的声音断断续续，可能是信号不好，"),
            (Element.MOVE_OR_OTHER_PHONE, "方便换个位置，或者换一部电话吗？"),
            (Element.THANKS, "谢谢您。"),
        ),
        why="客户的声音一段段缺失，像是信号不好。客户不愿意时才请其稍后再打，或换一部电话。" + _HINT_WHY,
    ),
    Phrase(
        "far.echo",
        show="您的声音从客户那边传回：不是客户说话",
        why="线路上传回的是您自己的声音，多半是对方音量大或开着免提。" + _HINT_WHY,
    ),
    # closing and after ----------------------------------------------------------------------------
    Phrase(
        "closing.repeat_solution",
        show="复述处理办法和要点",
        say=((Element.SOLUTION, "我再跟您确认一遍处理办法和要点。"),),
    ),
    Phrase(
        "closing.check_understood",
        show="确认客户已清楚",
        say=((Element.UNDERSTOOD, "刚才的说明您都清楚了吗？"),),
    ),
    Phrase(
        "closing.anything_else",
        show="询问是否还需要帮助",
        say=((Element.ANYTHING_ELSE, "请问还有什么可以帮您？"),),
    ),
    Phrase(
        "closing.goodbye.inbound",
        show="结束语：致谢、祝福、再见",
        say=((Element.THANKS, "感谢您的来电，"), (Element.WISH, "{wish}，"), (Element.GOODBYE, "再见！")),
    ),
    Phrase(
        "closing.goodbye.outbound",
        show="结束语：致谢、祝福、再见",
        say=((Element.THANKS, "感谢您接听电话，"), (Element.WISH, "{wish}，"), (Element.GOODBYE, "再见！")),
    ),
    Phrase(
        "closing.may_hang_up",
        show="客户还没挂机：您现在可以轻轻挂机",
        why="结束语之后双方已 {quiet_s} 秒没有说话。应由客户先挂机，等够这段时间您就可以挂了。",
    ),
    Phrase(
        "promise.open",
        show="有未完成的承诺：{subject}，期限：{due}",
        why="来电号码 {number} 名下有一条未完成的承诺（{subject}），答复期限：{due}。",
    ),
    Phrase(
        "command.failed",
        show="操作未成功：{what}（{target}：{reason}）",
        why="要 {target} 做的操作是{what}，没有成功。原因：{reason}。",
    ),
    # greetings and wishes ---------------------------------------------------------------------------
    Phrase("greeting.hello", say=((Element.GREETING, "您好"),)),
    Phrase("greeting.morning", say=((Element.GREETING, "上午好"),)),
    Phrase("greeting.afternoon", say=((Element.GREETING, "您好"),)),
    Phrase("greeting.evening", say=((Element.GREETING, "您好"),)),
    Phrase("greeting.new_year", say=((Element.GREETING, "元旦好"),)),
    Phrase("greeting.spring_festival", say=((Element.GREETING, "新春好"),)),
    Phrase("greeting.tomb_sweeping", say=((Element.GREETING, "清明安康"),)),
    Phrase("greeting.labour_day", say=((Element.GREETING, "劳动节好"),)),
    Phrase("greeting.dragon_boat", say=((Element.GREETING, "端午安康"),)),
    Phrase("greeting.mid_autumn", say=((Element.GREETING, "中秋好"),)),
    Phrase("greeting.national_day", say=((Element.GREETING, "国庆节好"),)),
    Phrase("wish.plain", say=((Element.WISH, "祝您一切顺利"),)),
    Phrase("wish.weekend", say=((Element.WISH, "祝您周末愉快"),)),
    Phrase("wish.new_year", say=((Element.WISH, "祝您元旦快乐"),)),
    Phrase("wish.spring_festival", say=((Element.WISH, "祝您新春快乐"),)),
    Phrase("wish.tomb_sweeping", say=((Element.WISH, "祝您清明安康"),)),
    Phrase("wish.labour_day", say=((Element.WISH, "祝您劳动节快乐"),)),
    Phrase("wish.dragon_boat", say=((Element.WISH, "祝您端午安康"),)),
    Phrase("wish.mid_autumn", say=((Element.WISH, "祝您中秋快乐"),)),
    Phrase("wish.national_day", say=((Element.WISH, "祝您国庆节快乐"),)),
)

TERMS = {
    "call_back": "回电：上次通话没有听到客户的声音",
    # facts of cues
    "headset": "耳机",
    "line": "话机或线路",
    "microphone": "话筒",
    "audio": "声音分析",
    "answer": "接听",
    "reject": "拒接",
    "hang_up": "挂机",
    "dial": "拨号",
    "hold": "保持",
    "retrieve": "取回",
    "swap": "切换",
    "join": "会议",
    "transfer": "转接",
    "callcommand": "电话操作",
    "sendtodevice": "更新设备指示",
    "gone": "设备已断开",
    "busy": "正忙",
    "denied": "没有权限",
    "timeout": "没有回应",
    "not_supported": "设备不支持",
    "invalid_state": "当前状态不允许",
    "invalid_number": "这个号码不能拨",
    "invalid_params": "没有这样的按键",
    "no_such_call": "通话已结束",
    "line_out_of_service": "线路不可用",
    "device_error": "设备拒绝",
    "malformed": "数据有误",
    "wrong_length": "长度不符",
    "unknown": "原因不明",
    "evidence.mute_reported": "它报告为静音",
    "evidence.mute_locked": "它报告为静音，且不能取消，可能话筒杆抬起了",
    "evidence.headset_gone": "通话中断开",
    "evidence.not_analysed": "没有收到可分析的声音",
    "evidence.digital_zero": "信号全是零，连底噪也没有",
    "evidence.frozen": "信号停在同一个数值",
    "evidence.too_quiet": "话音电平过低",
    "evidence.wrong_device": "像是另一个设备的话筒",
    "evidence.one_way": "一边在说，这一边一直没有人声",
    "evidence.tone": "持续的单音或提示音",
    "evidence.ringback": "回铃音，对方还没有接起",
    "evidence.busy": "忙音",
    "evidence.music": "等待音乐",
    "evidence.echo": "传回的是您自己的声音",
    "evidence.live_sound": "两边声音正常，没有静音，客户没有说话",
    "evidence.near_speech": "静音时仍有话音",
    # the display
    "agent.logged_out": "未签入",
    "agent.not_ready": "示忙",
    "agent.ready": "就绪",
    "agent.busy": "通话中",
    "agent.after_call_work": "话后处理",
    "call.dialing": "正在拨号",
    "call.ringback": "等待接听",
    "call.ringing": "来电",
    "call.waiting": "来电等待",
    "call.connected": "通话",
    "call.held": "保持",
    "call.failed": "未接通",
    "mute.muted": "!! 已静音",
    "mute.locked": "!! 已静音，请放下话筒杆",
    "mute.unknown": "! 话筒状态不明",
    "promises": "待办",
}

ZH_CN = Language("zh-CN", joiner="", phrases=PHRASES, terms=TERMS)
