"""Launch day of a sounding rocket: what the reporter does, and when.

The rocket, the range, the paper and all people are made up. ``Step.at`` is in seconds
after the start of the coverage, at speed 1.
"""

from __future__ import annotations

from typing import NamedTuple


class Step(NamedTuple):
    at: int
    action: str  # post, correct, hide, show, delete, pin, summarise or end
    entry: str = ""
    text: str = ""
    title: str = ""
    picture: str = ""
    is_key_event: bool = False


def post(at, entry, text, *, title="", picture="", key=False):
    return Step(at, "post", entry, text, title, picture, key)


def correct(at, entry, text):
    return Step(at, "correct", entry, text)


def summarise(at, *points):
    items = "".join(f"<li>{point}</li>" for point in points)
    return Step(at, "summarise", text=f"<ul>{items}</ul>")


MORNING = [
    post(
        0,
        "welcome",
        "Good morning from the island of Skarvøy. If the wind allows, <b>Ternen 4</b> "
        "leaves its rail this morning, climbs to 250 kilometres, and is back in the sea "
        "twenty minutes later. We follow it from the first coffee to the boat that fishes "
        "it out of the water.",
        title="Launch day at Skarvøy",
        key=True,
    ),
    summarise(
        4,
        "Ternen 4 is to fly today, after a countdown of <b>60 minutes</b>.",
        "It may fly as long as the wind stays below <b>16 metres per second</b>.",
    ),
    post(
        9,
        "numbers",
        "<p>Ternen 4 in numbers:</p><ul><li>two stages, solid fuel</li>"
        "<li>11.4 metres tall, 2.1 tonnes</li><li>a payload of 168 kilograms, with five "
        "instruments</li><li>six minutes in space</li></ul>",
        title="The rocket",
    ),
    post(
        18,
        "crew",
        "Forty-two people are on the range today. Range safety officer <b>Maren "
        "Tveit</b> has the last word: without her “go”, nothing leaves the rail.",
    ),
    post(
        26,
        "weather",
        "First briefing of the day: clear sky, minus eleven degrees, a light wind at the "
        "ground. “What it does higher up, the balloons will tell us,” says meteorologist "
        "<b>Aud Bergli</b>.",
    ),
    correct(
        33,
        "numbers",
        "<p>Ternen 4 in numbers:</p><ul><li>two stages, solid fuel</li>"
        "<li>11.4 metres tall, 2.1 tonnes</li><li>a payload of <b>186</b> kilograms, with "
        "five instruments</li><li>six minutes in space</li></ul>"
        "<p><i>We first wrote 168 kilograms. It is 186.</i></p>",
    ),
    post(
        36,
        "balloon1",
        "The first balloon is up. The box on its string reports speed and direction of "
        "the wind every second, and the rail is turned and tilted accordingly.",
        picture="balloon",
    ),
    post(
        46,
        "why",
        "Why go at all? Between 50 and 150 kilometres the air is too thin for balloons "
        "and too thick for satellites. Only a "
        '<a href="https://en.wikipedia.org/wiki/Sounding_rocket">sounding rocket</a> '
        "measures there, and only for minutes.",
        title="What it is for",
    ),
    post(
        56,
        "students",
        "<blockquote>“We soldered it twice. The first one is in a museum of things that "
        "we do not talk about.”</blockquote><p><b>Ida Rønning</b>, one of eleven students "
        "whose instrument flies in the nose.</p>",
    ),
    post(
        65,
        "wind1",
        "From the first balloon: ten metres per second at four kilometres, and less "
        "above.",
    ),
    correct(
        72,
        "wind1",
        "From the first balloon: <b>fourteen</b> metres per second at four kilometres, "
        "and less above. <i>Correction: ten, as we wrote at first, is what it measured at "
        "two kilometres.</i>",
    ),
    post(
        77,
        "profile",
        "And this is the whole ascent, from the ground to ten kilometres.",
        picture="wind",
    ),
    post(
        87,
        "arming",
        "The siren sounds three times: the igniters are being armed. For the next quarter "
        "of an hour only two people are within 600 metres of the rocket.",
        title="The rocket is armed",
        picture="arming",
        key=True,
    ),
    post(
        97,
        "coffee",
        "In the press hut the coffee has run out. Nobody can tell us whether this is a "
        "criterion for a hold.",
    ),
]

COUNTDOWN = [
    post(
        104,
        "t60",
        "<b>T minus 60 minutes.</b> The clock runs. In mission control each desk has a "
        "light of its own, and all of them must be green.",
        title="The countdown has begun",
        picture="control",
        key=True,
    ),
    post(115, "mistake", "tset test, is this on the page already??"),
    Step(121, "delete", "mistake"),
    post(
        125,
        "telemetry",
        "The ground station hears the payload: all eight channels, two megabits per "
        "second, no errors.",
    ),
    post(
        133,
        "eide",
        "<blockquote>“Everybody asks about the twenty minutes. I think of the three "
        "years before.”</blockquote><p>Project manager <b>Jonas Eide</b>, who has not sat "
        "down since five o’clock.</p>",
    ),
    post(
        142,
        "rail",
        "A reader asks why the rail leans. It points out to sea, so that nothing falls on "
        "land, and a little into the wind: in its first second the rocket is slow, and "
        "the wind turns its nose.",
        title="Your questions: the rail",
    ),
    post(
        151,
        "t30",
        "<b>T minus 30.</b> The coast road is closed, the airspace is ours, and the second "
        "balloon is on its way.",
    ),
    post(
        159,
        "gusts",
        "The second balloon measures <b>17 metres per second</b> at three kilometres. "
        "That is one more than allowed.",
        title="The wind picks up",
        key=True,
    ),
    post(
        166,
        "hold",
        "Maren Tveit’s voice on the loop, without any hurry: “Hold, hold, hold.” The "
        "clock stands at <b>T minus 22 minutes</b>.",
        title="The countdown holds",
        key=True,
    ),
    Step(167, "pin", "hold"),
    summarise(
        169,
        "The countdown <b>holds at T minus 22 minutes</b>: 17 metres per second at three "
        "kilometres, and 16 is the limit.",
        "The launch window stays open for two hours.",
    ),
]

HOLD = [
    post(
        176,
        "window",
        "How long can they wait? Two hours. After that the airspace belongs to a scheduled "
        "flight again, and then it gets dark.",
    ),
    post(
        185,
        "scrub",
        "We hear that the launch is called off for today. We are trying to confirm this.",
    ),
    Step(192, "hide", "scrub"),
    post(
        195,
        "no_scrub",
        "<b>The launch is not called off.</b> We have taken down a post that said so. What "
        "was called off is lunch.",
    ),
    post(
        203,
        "balloon3",
        "Third balloon: sixteen and a half. The needle moves in the right direction, but "
        "nobody here says so aloud.",
    ),
    post(
        211,
        "bergli",
        "<blockquote>“It is a band of wind, five hundred metres thick. It came from the "
        "north-west and it will leave to the south-east. The question is when.”"
        "</blockquote><p>Aud Bergli, at her screen</p>",
    ),
    correct(
        218,
        "scrub",
        "<s>We hear that the launch is called off for today.</s> <b>Correction:</b> this "
        "was wrong. We hid the post while we checked it, and show it again because we did "
        "publish it.",
    ),
    Step(219, "show", "scrub"),
    post(
        226,
        "return",
        "Another question: does it come back? The two stages fall into the sea and sink. "
        "The payload comes down by parachute, it floats, and the recovery boat "
        "<i>Havsula</i> waits at the edge of the closed area.",
        title="Your questions: the way back",
    ),
    post(
        236,
        "balloon4",
        "Fourth balloon: <b>13 metres per second</b>. The band has moved on.",
        picture="calmer_wind",
    ),
    post(
        246,
        "resume",
        "“We resume at T minus 22.” The clock runs again, after a hold of 47 minutes.",
        title="The countdown resumes",
        key=True,
    ),
    Step(247, "pin", "resume"),
    summarise(
        249,
        "The wind is down to 13 metres per second; <b>the countdown runs again</b>.",
        "It had held at T minus 22 for 47 minutes.",
    ),
    post(
        256,
        "t15",
        "<b>T minus 15.</b> The rail moves for the last time and stops at 81.5 degrees. "
        "The last two people leave the pad.",
    ),
    post(
        265,
        "poll",
        "<p>The poll, desk by desk:</p><ul><li>telemetry: <b>go</b></li><li>radar: "
        "<b>go</b></li><li>weather: <b>go</b></li><li>payload: <b>go</b></li></ul>",
        title="Go or no go",
    ),
    post(
        273,
        "safety",
        "And range safety. Maren Tveit looks at the wind once more, then at the room: "
        "<b>go</b>.",
    ),
    post(
        280,
        "t5",
        "<b>T minus 5.</b> The payload runs on its own batteries. From now on it can be "
        "held for eight minutes, not for an hour.",
    ),
    post(
        287,
        "eagles",
        "Two sea eagles cross the range. They have not asked for clearance, and they leave "
        "in time.",
    ),
    post(294, "t2", "<b>T minus 2.</b> In the press hut nobody talks any more."),
    post(
        301,
        "t1",
        "<b>T minus 60 seconds.</b> Ida Rønning holds on to the window sill.",
    ),
    post(308, "ten", "Ten. Nine. Eight. Seven."),
]

FLIGHT = [
    post(
        313,
        "liftoff",
        "<b>Lift-off of Ternen 4!</b> It is off the rail in half a second. The sound "
        "arrives when it is a bright dot already, and it arrives in the stomach.",
        title="Lift-off",
        picture="liftoff",
        key=True,
    ),
    Step(314, "pin", "liftoff"),
    summarise(
        316,
        "<b>Ternen 4 has lifted off.</b>",
        "It is to reach 250 kilometres four minutes later, and the sea after twenty.",
    ),
    post(
        322,
        "stages",
        "12 seconds: the first stage has burnt out and falls away. 15 seconds: the second "
        "one lights, as planned.",
    ),
    post(
        329,
        "burn_out",
        "44 seconds, 50 kilometres: burn-out. Ternen 4 flies at almost <b>7,000 kilometres "
        "per hour</b> and needs no engine from here on. It coasts.",
    ),
    post(
        337,
        "nose_cone",
        "62 seconds: the nose cone is off, and the instruments look out for the first "
        "time.",
    ),
    post(
        344,
        "space",
        "72 seconds, <b>100 kilometres</b>. By the usual definition, eleven students from "
        "the north now have something in space.",
        title="In space",
        key=True,
    ),
    post(
        352,
        "booms",
        "Four booms, four green lights: all of them are out. Applause at the payload desk, "
        "of the quiet kind.",
    ),
    post(
        360,
        "layer",
        "<blockquote>“There! It sees the layer!”</blockquote><p>Ida Rønning, no longer "
        "holding on to anything. The peak on her screen is the dust of burnt meteors, at "
        "a height of 91 kilometres.</p>",
    ),
    post(
        369,
        "apogee",
        "<b>Apogee: 248 kilometres</b>, 4 minutes and 12 seconds after lift-off. Higher it "
        "will not go.",
        title="At the top",
        key=True,
    ),
    post(
        378,
        "weightless",
        "Up there everything that is not screwed down floats. It lasts for six minutes, "
        "three up and three down.",
    ),
    correct(
        385,
        "apogee",
        "<b>Apogee: 251.3 kilometres</b>, 4 minutes and 12 seconds after lift-off. Higher "
        "it will not go. <i>Updated: 248 was a first estimate, 251.3 is what the radar "
        "measured.</i>",
    ),
    post(
        388,
        "below_space",
        "7 minutes and 12 seconds: back below 100 kilometres. Next comes the air, and it "
        "will brake with eighteen times the force of gravity.",
    ),
    post(
        396,
        "braking",
        "The signal flickers, and comes back. The payload is subsonic again, at 13 "
        "kilometres.",
    ),
    post(
        404,
        "waiting",
        "9 minutes. The parachute has to open now. All of mission control looks at one "
        "line on one screen.",
    ),
    post(
        412,
        "parachute",
        "9 minutes and 30 seconds: <b>the parachute is open</b>, at five kilometres. Now "
        "there is noise at the payload desk.",
        title="Under the parachute",
        picture="descent",
        key=True,
    ),
    Step(413, "pin", "parachute"),
    summarise(
        415,
        "Ternen 4 has been to space: up to <b>251.3 kilometres</b>.",
        "The payload hangs under its parachute and comes down at 8 metres per second.",
    ),
    post(
        423,
        "sinking",
        "Eight metres per second, as fast as somebody who runs down the stairs. It will "
        "take the payload ten minutes to reach the sea.",
    ),
]

RECOVERY = [
    post(
        432,
        "havsula",
        "The <i>Havsula</i> has left her place at the edge of the closed area. “We see the "
        "parachute,” says skipper <b>Per Nygård</b> on the radio.",
    ),
    post(
        441,
        "splashdown",
        "<b>Splashdown</b> after 19 minutes and 55 seconds, 71 kilometres from the rail. "
        "The beacon works, so it floats.",
        title="Splashdown",
        key=True,
    ),
    post(
        450,
        "curve",
        "The whole flight in one curve. The long tail on the right is the parachute.",
        picture="altitude",
    ),
    post(
        460,
        "dye",
        "The boat is alongside. There is a green stain on the water: dye, so that it is "
        "found even without the beacon.",
    ),
    post(
        469,
        "recovered",
        "<b>The payload is on board</b>, wet and in one piece, an hour after it left the "
        "rail.",
        title="Recovered",
        picture="recovery",
        key=True,
    ),
    Step(470, "pin", "recovered"),
    summarise(
        472,
        "Ternen 4 flew to <b>251.3 kilometres</b> and spent six minutes in space.",
        "<b>The payload has been recovered</b>, and all five instruments have worked.",
    ),
    post(
        480,
        "instruments",
        "All five instruments have worked, and 99.2 per cent of the data has arrived over "
        "the radio. The rest is in the memory that is on the boat now.",
    ),
    post(
        489,
        "soldering",
        "Ida Rønning wants it written down that the second soldering held.",
    ),
    post(
        497,
        "tveit",
        "<blockquote>“A good day is one on which I am not interesting.”</blockquote>"
        "<p>Maren Tveit, who has opened the road again.</p>",
    ),
    post(
        506,
        "eide2",
        "Jonas Eide, the project manager, has been seen on a chair.",
    ),
    post(
        515,
        "summary",
        "<p>Launch day in numbers:</p><ul><li>4 balloons</li><li>1 hold, of 47 minutes"
        "</li><li>44 seconds under power</li><li>251.3 kilometres high, 71 far</li>"
        "<li>0 coffee, since before the countdown</li></ul>",
        title="The day in numbers",
    ),
    post(
        526,
        "data",
        "What happens to the data? Three universities share it, and publish it for "
        "everybody in a year. The meteor dust goes to the students first.",
    ),
    post(
        536,
        "next",
        "And what next? The rail gets a new coat of paint, and <b>Ternen 5</b> is planned "
        "for the autumn.",
    ),
    post(
        547,
        "errata",
        "We made four mistakes in this live blog today and corrected each where it stood: "
        "a weight, a wind, an apogee, and a launch that was not called off.",
        title="For the record",
    ),
    post(
        558,
        "goodbye",
        "That was launch day at Skarvøy. Thank you for following, and good night to all "
        "who got up at four.",
        title="Goodbye",
    ),
    Step(570, "end"),
]

EVENT = [*MORNING, *COUNTDOWN, *HOLD, *FLIGHT, *RECOVERY]
