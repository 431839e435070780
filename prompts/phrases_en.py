"""English (en) words: every phrase and every term.

May not hold logic. A centre overrides any of these by key.
"""

from __future__ import annotations

from prompts.phrase import Element, Language, Phrase

_SILENT_WHY = (
    "The customer has been silent for {silent_s} s since the last utterance; desk and line are well, "
    "so utterance {stage} of the silent-call procedure is due."
)
_WHERE_WHY = " Known from the {where}, {since_s} s ago ({evidence}). Not counted as the customer's silence."
_HINT_WHY = " Guessed from the sound of the last {since_s} s, {sure_percent} % sure: a proposal, you decide."

PHRASES = (
    # opening ------------------------------------------------------------------------------------
    Phrase(
        "opening.inbound",
        show="Open: greet, centre, welcome, offer help",
        say=(
            (Element.GREETING, "{greeting}[, {customer}]."),
            (Element.CENTRE, "This is {centre}."),
            (Element.STAFF_NUMBER, "[My staff number is {staff}.]"),
            (Element.WELCOME, "Welcome to our service line."),
            (Element.OFFER, "How may I help you?"),
        ),
        why="Connected for {silent_s} s and no opening heard; later it sounds as if nobody is there.",
    ),
    Phrase(
        "opening.outbound",
        show="Open: greet, sorry, centre, number, name",
        say=(
            (Element.GREETING, "{greeting}."),
            (Element.SORRY_TO_DISTURB, "I am sorry to disturb you."),
            (Element.CENTRE_AND_ROLE, "I am a service agent of {centre}."),
            (Element.STAFF_NUMBER, "[My staff number is {agent}.]"),
            (Element.NAME_CHECK, "[Am I speaking with {customer}?|May I ask your name, please?]"),
        ),
        why="Answered {silent_s} s ago and no opening heard; later it sounds like a nuisance call.",
    ),
    Phrase(
        "opening.greet_back",
        show="Return the greeting, offer help again",
        say=(
            (Element.GREETING, "{greeting}[, {customer}]."),
            (Element.OFFER, "I am glad to help you; what can I do for you?"),
        ),
        why="The customer greeted after your offer of help: return it with the title, then offer again.",
    ),
    Phrase(
        "opening.reason",
        show="Give the reason for the call",
        say=((Element.REASON, "[I am calling about {matter}.|I am calling about a matter of our service.]"),),
        why="The customer has answered the name check; the reason for the call comes next.",
    ),
    # silent call --------------------------------------------------------------------------------
    Phrase(
        "silent.stage_2.inbound",
        show="Silent: hello again, offer help",
        say=((Element.GREETING, "Hello."), (Element.OFFER, "I am glad to help you; what can I do for you?")),
        why=_SILENT_WHY,
    ),
    Phrase(
        "silent.stage_2.outbound",
        show="Silent: hello, reason, name check",
        say=(
            (Element.GREETING, "Hello."),
            (
                Element.REASON,
                "[{centre} is calling about {matter}.|{centre} is calling about a matter of our service.]",
            ),
            (Element.NAME_CHECK, "[Am I speaking with {customer}?|May I ask your name, please?]"),
        ),
        why=_SILENT_WHY,
    ),
    Phrase(
        "silent.stage_3.inbound",
        show="Still silent: sorry, other phone, goodbye",
        say=(
            (Element.APOLOGY, "I am sorry,"),
            (Element.CANNOT_HEAR, "perhaps because of the phone or the line, I cannot hear you."),
            (Element.WAIT_OR_OTHER_PHONE, "Please wait a moment, or call again from another phone."),
            (Element.THANKS, "Thank you for calling."),
            (Element.GOODBYE, "Goodbye."),
        ),
        why=_SILENT_WHY,
    ),
    Phrase(
        "silent.stage_3.outbound",
        show="Still silent: sorry, call later, goodbye",
        say=(
            (Element.APOLOGY, "I am sorry,"),
            (Element.CANNOT_HEAR, "the phone may be faulty or the signal poor, and I cannot hear you."),
            (Element.CALL_AGAIN, "I will call again later."),
            (Element.SORRY_TO_DISTURB, "Excuse me for disturbing you."),
            (Element.GOODBYE, "Goodbye."),
        ),
        why=_SILENT_WHY,
    ),
    Phrase(
        "silent.may_hang_up.inbound",
        show="All three said: you may hang up",
        why="All three utterances were said; the customer was silent for {silent_s} s more: you may hang up.",
    ),
    Phrase(
        "silent.may_hang_up.outbound",
        show="You may hang up; call-back is noted",
        why=(
            "All three utterances were said; the customer was silent for {silent_s} s more: you may hang up. "
            "The words promised another call, so a call-back is noted."
        ),
    ),
    Phrase(
        "silent.hang_up_too_early",
        show="Not yet: words missing; again to end",
        why=(
            "A silent call ends only after three utterances and the last wait; "
            "{stage_heard} heard so far, missing: {missing}."
        ),
    ),
    # silence with another cause -------------------------------------------------------------------
    Phrase(
        "cause.agent_muted",
        show="You are muted: un-mute to be heard",
        why="Your microphone is muted." + _WHERE_WHY,
    ),
    Phrase(
        "cause.speaking_while_muted",
        show="Talking while muted: please un-mute",
        why="Your speech reaches the microphone, but mute is on and the customer hears nothing." + _WHERE_WHY,
    ),
    Phrase(
        "cause.agent_mic_dead",
        show="Microphone dead: check boom, plug, device",
        why="Your voice does not come out of the microphone." + _WHERE_WHY,
    ),
    Phrase(
        "cause.agent_mic_too_quiet",
        show="Too soft: mic below left mouth corner",
        why="Your voice is too soft to be heard well." + _WHERE_WHY,
    ),
    Phrase(
        "cause.headset_unplugged",
        show="Headset is gone: plug in or lift handset",
        why="The headset is no longer there." + _WHERE_WHY,
    ),
    Phrase(
        "cause.line_audio_dead.inbound",
        show="Line is dead: ask for another phone",
        say=(
            (Element.APOLOGY, "I am sorry,"),
            (Element.CANNOT_HEAR, "there is a fault on the line and I cannot hear you."),
            (Element.WAIT_OR_OTHER_PHONE, "Please wait a moment, or call again from another phone."),
        ),
        why="The line does not bring the customer's voice: it is not the customer who is silent."
        + _WHERE_WHY,
    ),
    Phrase(
        "cause.line_audio_dead.outbound",
        show="Line is dead: say you will call again",
        say=(
            (Element.APOLOGY, "I am sorry,"),
            (Element.CANNOT_HEAR, "there is a fault on the line and I cannot hear you."),
            (Element.CALL_AGAIN, "I will call again later."),
        ),
        why="The line does not bring the customer's voice: it is not the customer who is silent."
        + _WHERE_WHY,
    ),
    Phrase(
        "cause.music_or_tone",
        show="Music or a tone: not the customer",
        why="What is heard is music or a tone, not a voice." + _WHERE_WHY,
    ),
    Phrase(
        "cause.unknown",
        show="Cause unclear: say a word, watch the lamp",
        say=((Element.GREETING, "Hello."), (Element.CENTRE, "This is {centre}.")),
        why="Nothing is heard, and whether customer, line or desk is the cause is not clear." + _WHERE_WHY,
    ),
    # hints about the sound -----------------------------------------------------------------------
    Phrase(
        "near.clipping",
        show="Distorted: microphone away, gain down",
        why="Your voice is louder than the microphone can carry; the customer hears it break." + _HINT_WHY,
    ),
    Phrase(
        "near.hum",
        show="Hum on your mic: check plug, power supply",
        why="There is a low electric hum on your microphone." + _HINT_WHY,
    ),
    Phrase(
        "near.offset",
        show="Mic signal off centre: try another port",
        why="The signal does not rest at zero: mostly the port or the headset's electronics." + _HINT_WHY,
    ),
    Phrase(
        "near.breath_pops",
        show="Breath pops: mic below left mouth corner",
        why="You breathe into the microphone, and the customer hears every puff." + _HINT_WHY,
    ),
    Phrase(
        "near.loud_background",
        show="Loud around you: mic closer, ask for quiet",
        why="Your microphone carries a loud room even while you do not speak." + _HINT_WHY,
    ),
    Phrase(
        "near.poor_snr",
        show="Noise covers your voice: mic closer",
        why="Your voice is hardly louder than the noise around it, and tiring to follow." + _HINT_WHY,
    ),
    Phrase(
        "near.too_quiet",
        show="You sound soft: mic closer, a bit louder",
        why="Your voice is soft, and that sounds unsure to the customer." + _HINT_WHY,
    ),
    Phrase(
        "near.gaps",
        show="Your sound has gaps: check cable or radio",
        why="Pieces of your sound are missing; the customer does not hear all of it." + _HINT_WHY,
    ),
    Phrase(
        "near.wrong_device",
        show="Wrong microphone? Check the chosen device",
        why="This does not sound like the microphone of your headset." + _HINT_WHY,
    ),
    Phrase(
        "near.coupling",
        show="Mic hears your earpiece: turn it down",
        why="The customer's voice gets from your ear into the microphone and back." + _HINT_WHY,
    ),
    Phrase(
        "far.too_quiet",
        show="Customer is faint: may ask to speak louder",
        say=(
            (Element.SYMPTOM, "You sound a little faint to me;"),
            (Element.LOUDER, "could you please speak a little louder?"),
            (Element.THANKS, "Thank you."),
        ),
        why="The customer's voice is weak; ask again until both of you hear well." + _HINT_WHY,
    ),
    Phrase(
        "far.hands_free",
        show="Sounds hands-free: ask, help switch it off",
        say=(
            (Element.SYMPTOM, "You sound a little far away, with an echo of the room."),
            (Element.ASK_HANDS_FREE, "Is the speaker of your phone switched on, perhaps?"),
            (Element.SWITCH_OFF, "If so, please press the speaker key once and take the phone to your ear."),
            (Element.THANKS, "Thank you."),
        ),
        why="The customer's voice is hollow with room echo, as on a speaker-phone." + _HINT_WHY,
    ),
    Phrase(
        "far.noise",
        show="Noise at the customer: may ask to move",
        say=(
            (Element.SYMPTOM, "There is some noise around you and I cannot hear you well;"),
            (Element.MOVE_OR_OTHER_PHONE, "could you move to a quieter place, or use another phone?"),
            (Element.THANKS, "Thank you."),
        ),
        why=(
            "It is loud around the customer. Only a customer who would rather not move is asked to call "
            "later, or from another phone." + _HINT_WHY
        ),
    ),
    Phrase(
        "far.gaps",
        show="Customer has gaps: may ask to move, or phone",
        say=(
            (Element.SYMPTOM, "Your voice comes and goes, perhaps because of the signal;"),
            (Element.MOVE_OR_OTHER_PHONE, "could you move a little, or use another phone?"),
            (Element.THANKS, "Thank you."),
        ),
        why=(
            "Pieces of the customer's voice are missing, as with a poor signal. Only a customer who would "
            "rather not move is asked to call later, or from another phone." + _HINT_WHY
        ),
    ),
    Phrase(
        "far.echo",
        show="Your voice comes back: not the customer",
        why="The line returns your own voice: mostly a loud or hands-free phone at the other end."
        + _HINT_WHY,
    ),
    # closing and after ----------------------------------------------------------------------------
    Phrase(
        "closing.repeat_solution",
        show="Repeat the solution and key details",
        say=((Element.SOLUTION, "Let me repeat what we agreed and the details."),),
    ),
    Phrase(
        "closing.check_understood",
        show="Check that all is clear",
        say=((Element.UNDERSTOOD, "Has everything become clear?"),),
    ),
    Phrase(
        "closing.anything_else",
        show="Ask for anything else",
        say=((Element.ANYTHING_ELSE, "What else can I do for you?"),),
    ),
    Phrase(
        "closing.goodbye.inbound",
        show="Close: thanks, wish, goodbye",
        say=(
            (Element.THANKS, "Thank you for calling."),
            (Element.WISH, "{wish}."),
            (Element.GOODBYE, "Goodbye."),
        ),
    ),
    Phrase(
        "closing.goodbye.outbound",
        show="Close: thanks, wish, goodbye",
        say=(
            (Element.THANKS, "Thank you for your time."),
            (Element.WISH, "{wish}."),
            (Element.GOODBYE, "Goodbye."),
        ),
    ),
    Phrase(
        "closing.may_hang_up",
        show="Customer still on: gently hang up now",
        why="Both silent for {quiet_s} s since the closing words; the customer goes first, but not for ever.",
    ),
    Phrase(
        "promise.open",
        show="Open promise: {subject}, due {due}",
        why="A promise to {number} is still open ({subject}), due {due}.",
    ),
    Phrase(
        "command.failed",
        show="Failed: {what} ({target}: {reason})",
        why="Asked of {target}: {what}. It failed: {reason}.",
    ),
    # greetings and wishes ---------------------------------------------------------------------------
    Phrase("greeting.hello", say=((Element.GREETING, "Hello"),)),
    Phrase("greeting.morning", say=((Element.GREETING, "Good morning"),)),
    Phrase("greeting.afternoon", say=((Element.GREETING, "Hello"),)),
    Phrase("greeting.evening", say=((Element.GREETING, "Hello"),)),
    Phrase("greeting.new_year", say=((Element.GREETING, "Happy New Year"),)),
    Phrase("greeting.spring_festival", say=((Element.GREETING, "Happy Spring Festival"),)),
    Phrase("greeting.tomb_sweeping", say=((Element.GREETING, "A peaceful Qingming"),)),
    Phrase("greeting.labour_day", say=((Element.GREETING, "Happy Labour Day"),)),
    Phrase("greeting.dragon_boat", say=((Element.GREETING, "A healthy Dragon Boat Festival"),)),
    Phrase("greeting.mid_autumn", say=((Element.GREETING, "Happy Mid-Autumn Festival"),)),
    Phrase("greeting.national_day", say=((Element.GREETING, "Happy National Day"),)),
    Phrase("wish.plain", say=((Element.WISH, "I wish you all the best"),)),
    Phrase("wish.weekend", say=((Element.WISH, "I wish you a pleasant weekend"),)),
    Phrase("wish.new_year", say=((Element.WISH, "I wish you a happy New Year"),)),
    Phrase("wish.spring_festival", say=((Element.WISH, "I wish you a happy Spring Festival"),)),
    Phrase("wish.tomb_sweeping", say=((Element.WISH, "I wish you a peaceful Qingming"),)),
    Phrase("wish.labour_day", say=((Element.WISH, "I wish you a happy Labour Day"),)),
    Phrase("wish.dragon_boat", say=((Element.WISH, "I wish you a healthy Dragon Boat Festival"),)),
    Phrase("wish.mid_autumn", say=((Element.WISH, "I wish you a happy Mid-Autumn Festival"),)),
    Phrase("wish.national_day", say=((Element.WISH, "I wish you a happy National Day"),)),
)

TERMS = {
    "call_back": "call back: the customer could not be heard",
    # facts of cues
    "headset": "headset",
    "line": "phone or line",
    "microphone": "microphone",
    "audio": "sound analysis",
    "answer": "answer",
    "reject": "reject",
    "hang_up": "hang up",
    "dial": "dial",
    "hold": "hold",
    "retrieve": "retrieve",
    "swap": "swap",
    "join": "join",
    "transfer": "transfer",
    "callcommand": "control a call",
    "sendtodevice": "update a device",
    "gone": "device is gone",
    "busy": "busy",
    "denied": "no permission",
    "timeout": "no answer",
    "not_supported": "not supported",
    "invalid_state": "not possible now",
    "invalid_number": "cannot be dialled",
    "invalid_params": "no such keys",
    "no_such_call": "the call is over",
    "line_out_of_service": "the line is down",
    "device_error": "refused by the device",
    "malformed": "not understood",
    "wrong_length": "wrong length",
    "unknown": "no reason known",
    "evidence.mute_reported": "it reports mute",
    "evidence.mute_locked": "it reports mute and refuses to be un-muted: is the boom arm up?",
    "evidence.headset_gone": "it went away during the call",
    "evidence.not_analysed": "no sound came to be analysed",
    "evidence.digital_zero": "the signal is all zeros, without any noise",
    "evidence.frozen": "the signal is stuck at one value",
    "evidence.too_quiet": "the voice is too low",
    "evidence.wrong_device": "it sounds like another device's microphone",
    "evidence.one_way": "one side talks, no voice comes from this one",
    "evidence.tone": "a steady tone",
    "evidence.ringback": "ring-back tone: nobody has answered yet",
    "evidence.busy": "busy tone",
    "evidence.music": "music on hold",
    "evidence.echo": "your own voice comes back",
    "evidence.live_sound": "both sides carry live sound, nobody is muted, no customer speech",
    "evidence.near_speech": "a voice, though mute is on",
    # the display
    "agent.logged_out": "signed out",
    "agent.not_ready": "not ready",
    "agent.ready": "ready",
    "agent.busy": "busy",
    "agent.after_call_work": "after-call work",
    "call.dialing": "dialling",
    "call.ringback": "calling",
    "call.ringing": "incoming",
    "call.waiting": "waiting",
    "call.connected": "on call",
    "call.held": "held",
    "call.failed": "failed",
    "mute.muted": "!! MUTED",
    "mute.locked": "!! MUTED: lower the boom",
    "mute.unknown": "! microphone unknown",
    "promises": "promises",
}

EN = Language("en", joiner=" ", phrases=PHRASES, terms=TERMS)
