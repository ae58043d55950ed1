"""A stand-in for a provider, which can be slow, fail, or answer with anything."""

import threading

from wagtail_live.contrib.assistant.base import Assistant

released = threading.Event()  # what "Slow" waits for


class StandIn(Assistant):
    asked = []

    def suggest_key_points(self, posts):
        self.asked.append([post.title or post.text for post in posts])
        return ["- Reds & Blues play", "", "Ada scores <b>once</b>"]

    def suggest_alt_text(self, image):
        self.asked.append(image)
        return f'A ball\non  "{image.title}"'

    def translate(self, text, language):
        self.asked.append((text, language))
        if "Fail" in text:
            raise RuntimeError("the secret key is 42")
        if "Slow" in text:
            released.wait(60)
        return text.replace("Goal", f"Tor ({language})") + "<script>x</script>" * (
            text.startswith("<")
        )


class OnlyAltText:
    """A class that is no subclass, and has one method."""

    def suggest_alt_text(self, image):
        return ""


class Nothing(Assistant):
    """A class without any method of its own."""
