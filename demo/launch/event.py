"""The launch day of a sounding rocket: the steps of the reporter and their times.

The rocket, the range, the newspaper and all people are fictional. ``Step.at`` is in
seconds after the start of the coverage, at speed 1.
"""

from __future__ import annotations

from typing import NamedTuple


class Step(NamedTuple):
    at: int
    action: str  # post, correct, hide, show, delete, pin, summarise or end
    entry: str = ""
    text: str = ""
    title: str = ""
    image: str = ""
    is_key_event: bool = False
    correction: str = ""
    blocks: tuple = ()  # more blocks: (type, value), where images have their names
    is_of_yesterday: bool = False


def post(at, entry, text, *, title="", image="", key=False, blocks=(), yesterday=False):
    return Step(at, "post", entry, text, title, image, key, "", blocks, yesterday)


def correct(at, entry, text, note=""):
    return Step(at, "correct", entry, text, correction=note)


def summarise(at, *points):
    items = "".join(f"<li>{point}</li>" for point in points)
    return Step(at, "summarise", text=f"<ul>{items}</ul>")


MORNING = [
    post(
        0,
        "evening",
        "The countdown was rehearsed last night, with the siren, the poll and the lights "
        "on every desk, and without a rocket. We followed that, too.",
        title="The evening before",
        blocks=(("embed", "rehearsal"),),
        yesterday=True,
    ),
    post(
        0,
        "welcome",
        "Good morning from the island of Skarvøy. If the wind allows, <b>Ternen 4</b> "
        "will launch this morning, climb to 250 kilometres, and splash down in the "
        "sea twenty minutes later. We are covering all of it, from the first coffee "
        "to the boat that picks up the payload.",
        title="Launch day on Skarvøy",
        key=True,
    ),
    summarise(
        4,
        "Ternen 4 is due to launch today, after a <b>60-minute</b> countdown.",
        "The wind must stay below <b>16 metres per second</b>.",
    ),
    post(
        9,
        "numbers",
        "<p>Ternen 4 in numbers:</p><ul><li>two stages, solid fuel</li><li>11.4 "
        "metres tall, 2.1 tonnes</li><li>a payload of 168 kilograms, with five "
        "instruments</li><li>six minutes in space</li></ul>",
        title="The rocket",
    ),
    post(
        18,
        "crew",
        "Forty-two people are at the range today. Range safety officer <b>Maren "
        "Tveit</b> has the final say: without her “go”, nothing leaves the rail.",
    ),
    post(
        26,
        "weather",
        "The first briefing of the day: clear sky, minus eleven degrees, light wind "
        "on the ground. “The balloons will tell us about the wind higher up,” says "
        "meteorologist <b>Aud Bergli</b>.",
    ),
    correct(
        33,
        "numbers",
        "<p>Ternen 4 in numbers:</p><ul><li>two stages, solid fuel</li><li>11.4 "
        "metres tall, 2.1 tonnes</li><li>a payload of <b>186</b> kilograms, with five "
        "instruments</li><li>six minutes in space</li></ul>",
        "The payload has a mass of 186 kilograms, not 168.",
    ),
    post(
        36,
        "balloon1",
        "The first balloon is up. The box on its string measures wind speed and "
        "direction every second, and the launch rail is adjusted accordingly.",
        image="balloon",
    ),
    post(
        46,
        "why",
        "Why launch at all? Between 50 and 150 kilometres, the air is too thin for "
        "balloons and too thick for satellites. Only a "
        '<a href="https://en.wikipedia.org/wiki/Sounding_rocket">sounding rocket</a> '
        "can measure there, and only for a few minutes.",
        title="Why a rocket?",
    ),
    post(
        56,
        "students",
        "Eleven students have built an instrument that flies in the nose of the rocket.",
        blocks=(
            (
                "quote",
                {
                    "quote": "We soldered it twice. We don’t talk about the first one.",
                    "name": "Ida Rønning",
                    "role": "student",
                },
            ),
        ),
    ),
    post(
        65,
        "wind1",
        "First balloon data: ten metres per second at four kilometres, and less above.",
    ),
    correct(
        72,
        "wind1",
        "First balloon data: <b>fourteen</b> metres per second at four kilometres, "
        "and less above.",
        "We first wrote ten metres per second, the value at two kilometres.",
    ),
    post(
        77,
        "profile",
        "Here is the full wind profile, from the ground to ten kilometres.",
        image="wind",
        blocks=(
            (
                "table",
                {
                    "caption": "Wind by altitude",
                    "rows": [
                        ["Altitude", "Wind", "From"],
                        ["0 km", "4 m/s", "west"],
                        ["2 km", "10 m/s", "west"],
                        ["4 km", "14 m/s", "north-west"],
                        ["10 km", "9 m/s", "north-west"],
                    ],
                },
            ),
        ),
    ),
    post(
        87,
        "arming",
        "Three blasts of the siren: the igniters are being armed. For the next fifteen "
        "minutes, only two people may be within 600 metres of the rocket.",
        title="The rocket is armed",
        image="arming",
        key=True,
        blocks=(
            (
                "audio",
                {
                    "audio": "siren",
                    "caption": "The siren of the range, from the press hut",
                },
            ),
        ),
    ),
    post(
        97,
        "coffee",
        "The press hut has run out of coffee. Nobody can tell us if this is a reason "
        "to hold the countdown.",
    ),
    post(
        100,
        "roasters",
        "Coffee is back: the roasters of Skarvøy have brought two urns up to the range.",
        blocks=(("sponsored", {"sponsor": "Skarvøy Coffee Roasters"}),),
    ),
]

COUNTDOWN = [
    post(
        104,
        "t60",
        "<b>T minus 60 minutes.</b> The clock is running. Every desk in mission "
        "control has its own light, and all of them must be green for a launch.",
        title="The countdown has started",
        image="control",
        key=True,
    ),
    post(115, "mistake", "tset test, is this live already??"),
    Step(121, "delete", "mistake"),
    post(
        125,
        "telemetry",
        "The ground station is receiving the payload: all eight channels, two "
        "megabits per second, no errors.",
    ),
    post(
        133,
        "eide",
        "<blockquote>“Everyone asks about the twenty minutes. I think about the three "
        "years before that.”</blockquote><p>Project manager <b>Jonas Eide</b>, who "
        "has not sat down since five this morning.</p>",
    ),
    post(
        142,
        "rail",
        "A reader asks why the rail is tilted. It points out to sea, so that nothing "
        "falls on land, and slightly into the wind: the rocket is slow in its first "
        "second, and the wind pushes it off course.",
        title="Your questions: the rail",
    ),
    post(
        151,
        "t30",
        "<b>T minus 30.</b> The coast road is closed, the airspace is reserved for "
        "us, and the second balloon is on its way up.",
    ),
    post(
        159,
        "gusts",
        "The second balloon measures <b>17 metres per second</b> at three kilometres. "
        "That is one more than the limit.",
        title="The wind picks up",
        key=True,
    ),
    post(
        166,
        "hold",
        "Maren Tveit on the radio, perfectly calm: “Hold, hold, hold.” The clock "
        "stops at <b>T minus 22 minutes</b>.",
        title="Countdown on hold",
        key=True,
    ),
    Step(167, "pin", "hold"),
    summarise(
        169,
        "The countdown is <b>on hold at T minus 22 minutes</b>: the wind at three "
        "kilometres is 17 metres per second, and the limit is 16.",
        "The launch window stays open for two hours.",
    ),
]

HOLD = [
    post(
        176,
        "window",
        "How long can they wait? Two hours. After that, the airspace is needed for a "
        "scheduled flight, and it gets dark.",
    ),
    post(
        185,
        "scrub",
        "We are hearing that today’s launch has been cancelled. We are trying to "
        "confirm this.",
    ),
    Step(192, "hide", "scrub"),
    post(
        195,
        "no_scrub",
        "<b>The launch has not been cancelled.</b> We have taken down a post that "
        "said so. What has been cancelled is lunch.",
    ),
    post(
        203,
        "balloon3",
        "Third balloon: sixteen and a half. The numbers are moving in the right "
        "direction, but nobody here says so out loud.",
    ),
    post(
        211,
        "bergli",
        "<blockquote>“It’s a band of wind, five hundred metres thick. It came from the "
        "north-west and it will leave to the south-east. The only question is when.”"
        "</blockquote><p>Aud Bergli, at her screen</p>",
    ),
    correct(
        218,
        "scrub",
        "<s>We are hearing that today’s launch has been cancelled.</s> "
        "<b>Correction:</b> this was wrong. We hid the post while we checked, and "
        "show it again because we did publish it.",
    ),
    Step(219, "show", "scrub"),
    post(
        226,
        "return",
        "Another question: does it come back? The two stages fall into the sea and "
        "sink. The payload comes down on a parachute and floats. The recovery boat "
        "<i>Havsula</i> is waiting at the edge of the closed area.",
        title="Your questions: the return",
    ),
    post(
        236,
        "balloon4",
        "Fourth balloon: <b>13 metres per second</b>. The band of wind has moved on.",
        image="calmer_wind",
    ),
    post(
        246,
        "resume",
        "“We resume at T minus 22.” The clock is running again, after a hold of 47 "
        "minutes.",
        title="The countdown resumes",
        key=True,
    ),
    Step(247, "pin", "resume"),
    summarise(
        249,
        "The wind is down to 13 metres per second, and <b>the countdown has "
        "resumed</b>.",
        "It had held at T minus 22 for 47 minutes.",
    ),
    post(
        256,
        "t15",
        "<b>T minus 15.</b> The rail moves for the last time and stops at 81.5 "
        "degrees. The last two people leave the launch pad.",
    ),
    post(
        265,
        "poll",
        "<p>The final poll, desk by desk:</p><ul><li>telemetry: "
        "<b>go</b></li><li>radar: <b>go</b></li><li>weather: "
        "<b>go</b></li><li>payload: <b>go</b></li></ul>",
        title="Go or no go",
    ),
    post(
        273,
        "safety",
        "And range safety? Maren Tveit looks at the wind once more, then at the room: "
        "<b>go</b>.",
    ),
    post(
        280,
        "t5",
        "<b>T minus 5.</b> The payload is on battery power. From now on, a hold can "
        "last eight minutes at most.",
    ),
    post(
        287,
        "eagles",
        "Two sea eagles cross the range. They did not ask for clearance, but they "
        "leave in time.",
    ),
    post(294, "t2", "<b>T minus 2.</b> The press hut has gone quiet."),
    post(
        301,
        "t1",
        "<b>T minus 60 seconds.</b> Ida Rønning is gripping the window sill.",
    ),
    post(308, "ten", "Ten. Nine. Eight. Seven."),
]

FLIGHT = [
    post(
        313,
        "liftoff",
        "<b>Lift-off of Ternen 4!</b> It clears the rail in half a second. By the "
        "time the sound reaches us, the rocket is a bright dot, and we feel it in our "
        "stomachs.",
        title="Lift-off",
        image="liftoff",
        key=True,
    ),
    Step(314, "pin", "liftoff"),
    summarise(
        316,
        "<b>Ternen 4 has lifted off.</b>",
        "It should reach 250 kilometres after four minutes, and the sea after twenty.",
    ),
    post(
        319,
        "replay",
        "Here it is again, from the camera at the foot of the rail.",
        blocks=(
            (
                "video",
                {
                    "video": "liftoff",
                    "caption": "Lift-off of Ternen 4",
                    "credit": "Film: Skarvøy Range",
                },
            ),
        ),
    ),
    post(
        322,
        "stages",
        "12 seconds: the first stage has burned out and falls away. 15 seconds: the "
        "second stage ignites, right on schedule.",
    ),
    post(
        329,
        "burn_out",
        "44 seconds, 50 kilometres: burnout. Ternen 4 is flying at almost <b>7,000 "
        "kilometres per hour</b> and will coast from here, without an engine.",
    ),
    post(
        337,
        "nose_cone",
        "62 seconds: the nose cone is off. The instruments are exposed for the first "
        "time.",
    ),
    post(
        344,
        "space",
        "72 seconds, <b>100 kilometres</b>. By the usual definition, eleven students "
        "now have an instrument in space.",
        title="In space",
        key=True,
    ),
    post(
        352,
        "booms",
        "Four booms, four green lights: all of them are out. Quiet applause at the "
        "payload desk.",
    ),
    post(
        360,
        "layer",
        "<blockquote>“There! It can see the layer!”</blockquote><p>Ida Rønning has "
        "let go of the window sill. The peak on her screen is dust from burnt-up "
        "meteors, 91 kilometres above the ground.</p>",
    ),
    post(
        369,
        "apogee",
        "<b>Apogee: 248 kilometres</b>, 4 minutes and 12 seconds after lift-off. This "
        "is the highest point of the flight.",
        title="Highest point",
        key=True,
    ),
    post(
        378,
        "weightless",
        "Up there, everything that isn’t bolted down floats. It lasts six minutes: "
        "three on the way up, three on the way down.",
    ),
    correct(
        385,
        "apogee",
        "<b>Apogee: 251.3 kilometres</b>, 4 minutes and 12 seconds after lift-off. "
        "This is the highest point of the flight.",
        "248 kilometres was a first estimate; 251.3 is the radar measurement.",
    ),
    post(
        388,
        "below_space",
        "7 minutes and 12 seconds: back below 100 kilometres. Next, the atmosphere "
        "will slow the payload down with eighteen times the force of gravity.",
    ),
    post(
        396,
        "braking",
        "The signal drops out for a moment and comes back. The payload is subsonic "
        "again, at 13 kilometres.",
    ),
    post(
        404,
        "waiting",
        "9 minutes. The parachute has to open now. All of mission control is watching "
        "one line on one screen.",
    ),
    post(
        412,
        "parachute",
        "9 minutes and 30 seconds: <b>the parachute is open</b>, at five kilometres. "
        "Loud cheers at the payload desk.",
        title="Under the parachute",
        image="descent",
        key=True,
    ),
    Step(413, "pin", "parachute"),
    summarise(
        415,
        "Ternen 4 has been to space: up to <b>251.3 kilometres</b>.",
        "The payload is coming down on its parachute at 8 metres per second.",
    ),
    post(
        423,
        "sinking",
        "The payload is falling at eight metres per second, about as fast as someone "
        "running down the stairs. It needs ten minutes to reach the sea.",
    ),
]

RECOVERY = [
    post(
        432,
        "havsula",
        "The <i>Havsula</i> has left her position at the edge of the closed area. “We "
        "can see the parachute,” says skipper <b>Per Nygård</b> over the radio.",
    ),
    post(
        441,
        "splashdown",
        "<b>Splashdown</b> after 19 minutes and 55 seconds, 71 kilometres from the "
        "rail. The beacon is transmitting, so the payload is afloat.",
        title="Splashdown",
        key=True,
    ),
    post(
        450,
        "curve",
        "The whole flight in one chart. The long tail on the right is the parachute.",
        image="altitude",
    ),
    post(
        460,
        "dye",
        "The boat is alongside. The green stain on the water is dye, so that crews "
        "can find the payload even without the beacon.",
    ),
    post(
        469,
        "recovered",
        "<b>The payload is on board</b>, wet and in one piece, an hour after it left "
        "the rail.",
        title="Recovered",
        image="recovery",
        key=True,
    ),
    Step(470, "pin", "recovered"),
    post(
        471,
        "album",
        "The morning in pictures, from the first balloon to the boat.",
        blocks=(("gallery", ["balloon", "arming", "liftoff", "descent", "recovery"]),),
    ),
    summarise(
        472,
        "Ternen 4 flew to <b>251.3 kilometres</b> and spent six minutes in space.",
        "<b>The payload has been recovered</b>, and all five instruments worked.",
    ),
    post(
        480,
        "instruments",
        "All five instruments worked, and 99.2 per cent of the data arrived by radio. "
        "The rest is on the memory card that is now on the boat.",
    ),
    post(
        489,
        "soldering",
        "Ida Rønning would like it on record that the second soldering held.",
    ),
    post(
        497,
        "tveit",
        "<blockquote>“On a good day, nobody needs to interview "
        "me.”</blockquote><p>Maren Tveit, who has reopened the road.</p>",
    ),
    post(
        506,
        "eide2",
        "Project manager Jonas Eide has been seen sitting on a chair.",
    ),
    post(
        515,
        "summary",
        "<p>Launch day in numbers:</p><ul><li>4 balloons</li><li>1 hold of 47 "
        "minutes</li><li>44 seconds of thrust</li><li>251.3 kilometres up, 71 "
        "kilometres out</li><li>0 cups of coffee since before the countdown</li></ul>",
        title="The day in numbers",
    ),
    post(
        526,
        "data",
        "What happens to the data? Three universities share it, and will publish it "
        "in a year. The meteor dust goes to the students first.",
    ),
    post(
        536,
        "next",
        "What’s next? The rail gets a new coat of paint, and <b>Ternen 5</b> is "
        "planned for the autumn.",
    ),
    post(
        547,
        "errata",
        "We made four mistakes in this live blog today, and corrected each of them in "
        "its post: a weight, a wind speed, an apogee, and a cancellation that wasn’t "
        "one.",
        title="For the record",
    ),
    post(
        558,
        "goodbye",
        "That was launch day on Skarvøy. Thank you for following, and good night to "
        "everyone who got up at four.",
        title="Goodbye",
    ),
    Step(570, "end"),
]

EVENT = [*MORNING, *COUNTDOWN, *HOLD, *FLIGHT, *RECOVERY]
