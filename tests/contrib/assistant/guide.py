"""Tests that tests/contrib/test_newsroom.py runs in a process with other settings: the class
in docs/assistant.md asks a server that answers as OpenAI's API does."""

import json
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import ModuleType, SimpleNamespace
from urllib.request import Request, urlopen

import pytest

from tests.receivers.image_files import make_image
from tests.servers.site import ROOT
from wagtail_live.contrib.assistant import conf, questions
from wagtail_live.images import add_image

pytestmark = pytest.mark.django_db
ANSWERS = {
    "Sum up": "1. Reds lead\n2. Ada scores",
    "Describe": "A ball on grass",
    "Translate": "<p>Tor</p>",
}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(body["messages"][0]["content"])
        text = self.server.asked[-1][0]["text"]
        answer = next(each for begin, each in ANSWERS.items() if text.startswith(begin))
        message = {"role": "assistant", "content": answer}
        found = json.dumps({"choices": [{"message": message}]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(found)))
        self.end_headers()
        self.wfile.write(found)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def provider():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked = []
        Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def assistant(provider, monkeypatch, settings):
    """The class of the guide, with as much of wagtail-ai as it uses."""

    class Service:
        def completion(self, messages):
            url = f"http://127.0.0.1:{provider.server_port}/v1/chat/completions"
            data = json.dumps({"model": "test", "messages": messages}).encode()
            request = Request(url, data, {"Content-Type": "application/json"})
            with urlopen(request, timeout=5) as response:
                return json.load(
                    response, object_hook=lambda found: SimpleNamespace(**found)
                )

    for name in ("wagtail_ai", "wagtail_ai.agents", "wagtail_ai.agents.base"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    sys.modules["wagtail_ai.agents.base"].get_llm_service = Service
    guide = (ROOT / "docs" / "assistant.md").read_text()
    [code] = re.findall(
        r"```python\n(# newsroom/assistant.py\n.*?)```", guide, re.DOTALL
    )
    module = ModuleType("newsroom_assistant")
    exec(code, module.__dict__)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    settings.WAGTAIL_LIVE_ASSISTANT = "newsroom_assistant.NewsroomAssistant"
    return conf.get_assistant_class()()


def test_the_guide(assistant, provider, match_page):
    match_page.add_live_post("<p>Ada scores</p>")
    assert conf.get_kinds() == ["key_points", "alt_text", "translation"]
    posts = questions.list_posts(match_page.live_channel, with_private=False)
    found = questions.ask_key_points(posts)(assistant)
    assert found["html"] == "<ul><li>Reds lead</li><li>Ada scores</li></ul>"
    assert "Ada scores" in provider.asked[0][0]["text"]
    image = add_image(make_image(size=(50, 40)), "Ball")
    assert questions.ask_alt_text(image)(assistant) == {"text": "A ball on grass"}
    url = provider.asked[1][1]["image_url"]["url"]
    assert url.startswith("data:image/jpeg;base64,")
    found = questions.ask_translation("", ["<p>Goal</p>"], [], "de")(assistant)
    assert found["html"] == ["<p>Tor</p>"]
    assert "<p>Goal</p>" in provider.asked[2][0]["text"]
