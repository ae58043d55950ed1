"""Launch day of a sounding rocket: what the reporter does, and when.

The rocket, the range, the paper and all people are made up. ``Step.at`` is in seconds
after the start of the coverage; a step names the entry that it makes or changes.
"""

from __future__ import annotations

from typing import NamedTuple


class Step(NamedTuple):
    at: int
    action: str  # post, edit, hide, show, delete, pin, summarise or state
    entry: str = ""
    text: str = ""
    title: str = ""
    picture: str = ""
    alt: str = ""
    key: bool = False


def post(at, entry, text, **fields):
    return Step(at, "post", entry, f"<p>{text}</p>", **fields)


def edit(at, entry, text):
    return Step(at, "edit", entry, f"<p>{text}</p>")


EVENT = [
    post(
        0,
        "welcome",
        "Good morning from Skarvøy. If the wind allows, <b>Ternen 4</b> leaves its rail "
        "today at 10:00 and climbs to 250 kilometres. We follow it here, from the first "
        "coffee to the boat that fishes the payload out of the fjord.",
        title="Launch day at Skarvøy",
        picture="rail",
        alt="A white rocket with a red band on its rail at dawn, snow and pines before "
        "blue hills",
        key=True,
    ),
    Step(
        5,
        "summarise",
        text="<ul><li>Ternen 4 is to fly at <b>10:00</b> local time.</li>"
        "<li>The limit for the wind is 16 metres per second.</li></ul>",
    ),
    post(
        12,
        "numbers",
        "Ternen 4 in numbers:</p><ul><li>two stages, solid fuel</li><li>11.4 metres long"
        "</li><li>payload of 186 kilograms</li><li>six minutes above the atmosphere</li>"
        "</ul><p>",
        title="The rocket",
    ),
    post(
        20,
        "crew",
        "Forty-two people are on the range today. Range safety officer <b>Maren "
        "Tveit</b> has the last word: without her “go”, nothing moves.",
    ),
    post(
        28,
        "weather",
        "First weather briefing: clear sky, minus eleven degrees, light wind at the "
        "ground. What happens above is for the balloons to find out.",
    ),
    post(
        36,
        "balloon1",
        "The first balloon is up. It sends wind speed and direction every second; the "
        "rail is turned and tilted by what it says.",
    ),
    post(
        44,
        "students",
        "Eleven students from three universities have an instrument aboard. “We have "
        "soldered it twice,” says <b>Ida Rønning</b>. “The first one is in a museum of "
        "things that we do not talk about.”",
    ),
    post(
        52,
        "wind1",
        "Ten metres per second at four kilometres’ height, and falling above. So far so "
        "good.",
    ),
    edit(
        60,
        "wind1",
        "<b>Fourteen</b> metres per second at four kilometres’ height, and falling above. "
        "We first wrote ten: that was at three kilometres.",
    ),
    post(
        66,
        "windchart",
        "The profile of the first balloon. Still two below the limit.",
        picture="wind",
        alt="Line chart of wind speed by height: 6 metres per second at the ground, 14 at "
        "four kilometres, 7 at ten; the limit is 16",
    ),
    post(
        75,
        "arming",
        "The road is closed and the siren sounds three times: the igniters are being "
        "armed. Nobody but the two of the arming crew is within 600 metres.",
        title="The rocket is armed",
        key=True,
    ),
    post(83, "coffee", "In the press hut the coffee is gone. This may delay us, too."),
    post(
        91,
        "control",
        "A look into mission control: five desks, one loop, no small talk. Each desk has "
        "a column of lights that must be green.",
        picture="control",
        alt="Five people seen from behind at a long desk, before three screens with curves",
    ),
    post(
        100,
        "t60",
        "<b>T minus 60 minutes.</b> The countdown runs.",
        title="The countdown has begun",
        key=True,
    ),
    post(107, "mistake", "test test can anyone see this"),
    Step(112, "delete", "mistake"),
    post(
        118,
        "telemetry",
        "The ground station tracks the payload: all eight channels come through, at two "
        "megabits per second.",
    ),
    post(
        126,
        "purpose",
        "What is it for? Between 80 and 120 kilometres the air is too thin for aircraft "
        "and too thick for satellites. <b>Only sounding rockets measure there.</b>",
        title="Why go at all",
    ),
    post(
        134,
        "quote1",
        "</p><blockquote>“Everybody asks about the ten minutes. I think about the ten "
        "months before.”</blockquote><p>Project manager <b>Jonas Eide</b>, who has not "
        "sat down since five.",
    ),
    post(
        142,
        "balloon2",
        "Second balloon. It is drifting east faster than the first one did.",
    ),
    post(
        150,
        "gusts",
        "Gusts of <b>17 metres per second</b> at three kilometres. That is over the "
        "limit.",
        key=True,
        title="The wind picks up",
    ),
    post(
        157,
        "hold",
        "Maren Tveit calls it: the countdown holds at <b>T minus 22 minutes</b>.",
        title="Hold",
        key=True,
    ),
    Step(159, "pin", "hold"),
    Step(
        160,
        "summarise",
        text="<ul><li>The countdown <b>holds at T minus 22 minutes</b>: gusts of 17 metres "
        "per second.</li><li>The launch window closes at 13:00.</li></ul>",
    ),
    post(
        168,
        "window",
        "How long can they wait? The launch window is open until 13:00. After that there "
        "is an airliner in the way, and after that it is dark.",
    ),
    post(
        176,
        "scrub",
        "We hear that the launch is called off for today. We are checking.",
    ),
    Step(183, "hide", "scrub"),
    post(
        188,
        "noscrub",
        "<b>Not called off.</b> The report that we had up for a few seconds was wrong: "
        "what was called off was lunch.",
    ),
    post(
        196,
        "reader",
        "A reader asks why the rail leans. It leans into the wind: the slow rocket of the "
        "first second turns its nose to where the wind comes from, and the rail is set so "
        "that it ends up where it should.",
        title="Your questions",
    ),
    post(
        205,
        "reader2",
        "And another: does it come back? The stages fall into the sea, 60 kilometres out. "
        "The payload comes down by parachute, and a boat waits.",
    ),
    post(214, "balloon3", "Third balloon is up. All eyes on three kilometres."),
    post(
        223,
        "calmer",
        "Thirteen metres per second at three kilometres. The needle is where they want "
        "it. Now it has to stay there for fifteen minutes.",
    ),
    post(
        231,
        "resume",
        "The countdown resumes at T minus 22. New lift-off time: <b>11:34</b>.",
        title="The countdown resumes",
        key=True,
    ),
    Step(232, "pin", "resume"),
    Step(
        234,
        "summarise",
        text="<ul><li>Lift-off is planned for <b>11:34</b>.</li>"
        "<li>The wind has calmed to 13 metres per second.</li></ul>",
    ),
    edit(
        242,
        "resume",
        "The countdown resumes at T minus 22. New lift-off time: <b>11:36</b>, says "
        "mission control, two minutes later than they first told us.",
    ),
    post(250, "t15", "<b>T minus 15.</b> The rail moves a last time: 81.5 degrees."),
    post(
        258,
        "poll",
        "The poll, desk by desk: telemetry <i>go</i>, radar <i>go</i>, weather <i>go</i>, "
        "payload <i>go</i>.",
    ),
    post(266, "safety", "Range safety: <b>go</b>. That was the one that counts."),
    post(274, "t5", "<b>T minus 5.</b> The payload runs on its own batteries."),
    post(
        281, "birds", "Two sea eagles over the range. They have right of way, briefly."
    ),
    post(288, "t1", "<b>T minus 60 seconds.</b> Ida Rønning holds on to the table."),
    post(294, "t10", "Ten. Nine. Eight."),
    post(
        300,
        "liftoff",
        "<b>Lift-off of Ternen 4 at 11:36:02!</b> Off the rail in half a second; the "
        "sound arrives when it is already a dot.",
        title="Lift-off",
        key=True,
    ),
    Step(301, "pin", "liftoff"),
    Step(
        303,
        "summarise",
        text="<ul><li><b>Ternen 4 lifted off at 11:36:02.</b></li>"
        "<li>It is to climb to about 250 kilometres.</li></ul>",
    ),
    post(307, "stage1", "First stage burnt out after six seconds, and gone."),
    post(314, "stage2", "Second stage ignites at 15 seconds. A second, thinner line."),
    post(321, "mach", "Mach 6.8 at burn-out. From here on it coasts."),
    post(
        329, "nosecone", "The nose cone opens at 62 kilometres: instruments look out."
    ),
    post(
        337,
        "booms",
        "All four booms are out. There is applause at the payload desk, of the quiet "
        "kind.",
    ),
    Step(343, "show", "scrub"),
    edit(
        344,
        "scrub",
        "<s>We hear that the launch is called off for today.</s> <b>Correction:</b> this "
        "was wrong, and we hid it for a while. We leave it here because we said it.",
    ),
    post(
        350,
        "apogee",
        "<b>Apogee: 248 kilometres</b>, 2 minutes and 51 seconds after lift-off.",
        title="At the top",
        key=True,
    ),
    edit(
        362,
        "apogee",
        "<b>Apogee: 251.3 kilometres</b>, 2 minutes and 51 seconds after lift-off. The "
        "radar has the better number than the first estimate of 248.",
    ),
    post(
        370,
        "data",
        "The students’ instrument works. “It sees the layer!” Ida Rønning, no longer "
        "holding on to anything.",
    ),
    post(380, "reentry", "Back in the atmosphere at 5 minutes 20. Eighteen g."),
    post(
        390,
        "parachute",
        "The parachute is open at five kilometres, says the beacon.",
        title="Under the parachute",
        picture="parachute",
        alt="The payload under a red and white parachute above the clouds",
        key=True,
    ),
    Step(391, "pin", "parachute"),
    post(
        402,
        "curve",
        "The whole flight in one curve.",
        picture="altitude",
        alt="Height over time: up to 251.3 kilometres after 2.9 minutes, down after 5.5, "
        "then slowly under the parachute until 8.6",
    ),
    post(412, "splash", "Splashdown, 48 kilometres from the rail, in calm water."),
    post(
        424,
        "boatpost",
        "The <i>Havsula</i> is on its way: twenty minutes.",
        picture="boat",
        alt="A red boat with a crane in a fjord",
    ),
    post(
        438,
        "hook",
        "The crane has it. The payload is aboard at 12:09, wet and in one piece.",
        title="Recovered",
        key=True,
    ),
    Step(
        440,
        "summarise",
        text="<ul><li>Ternen 4 flew to <b>251.3 kilometres</b>.</li>"
        "<li>The payload was recovered at 12:09; all instruments worked.</li></ul>",
    ),
    post(
        452,
        "quote2",
        "</p><blockquote>“Now I will sit down.”</blockquote><p>Jonas Eide, sitting down.",
    ),
    post(
        466,
        "next",
        "What next: the data goes to three universities, the empty rail gets a new coat "
        "of paint, and Ternen 5 is planned for the autumn.",
    ),
    post(
        480,
        "bye",
        "That was launch day at Skarvøy. Thank you for following, and good night to the "
        "people who got up at four.",
        title="Goodbye",
    ),
    Step(490, "state", text="ended"),
]
