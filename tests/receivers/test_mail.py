"""E-mail becomes posts, in the same way from each provider."""

from email.message import EmailMessage

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from tests.receivers.fake_mail import Amazon, Mailgun, Postmark, Written
from tests.receivers.image_files import make_image
from wagtail_live.models import (
    FailedDelivery,
    ReceivedContent,
    ReceivedImage,
    ReceivedMessage,
    Source,
)
from wagtail_live.receivers import failures, images
from wagtail_live.receivers.email import PostmarkReceiver, mailgun, postmark
from wagtail_live.receivers.email.mail import read_sender
from wagtail_live.receivers.email.mime import read_mime
from wagtail_live.receivers.email.proof import Proof

pytestmark = pytest.mark.django_db
BACKENDS = {
    "mailgun": "MailgunReceiver",
    "postmark": "PostmarkReceiver",
    "ses": "SESReceiver",
}
PROVIDERS = pytest.mark.parametrize("provider", list(BACKENDS), indirect=True)


@pytest.fixture(scope="module")
def amazon():
    with Amazon() as server:
        yield server


@pytest.fixture
def provider(request, amazon):
    name = getattr(request, "param", "mailgun")
    return {"mailgun": Mailgun(), "postmark": Postmark(), "ses": amazon}[name]


@pytest.fixture
def source(match_page):
    return Source.objects.create(
        receiver="mail",
        external_id="match@live.example",
        channel=match_page.live_channel,
        allowed_senders="Ann@Paper.example\nbob@paper.example",
    )


@pytest.fixture
def send(client, settings, provider, source):
    """Deliver an e-mail, and then add the images that are due."""
    backend = f"wagtail_live.receivers.email.{BACKENDS[provider.name]}"
    settings.WAGTAIL_LIVE_RECEIVERS = {
        "mail": {"BACKEND": backend, "OPTIONS": dict(provider.options)}
    }

    def send(written=None, delivery=None, status=200, **values):
        body, headers = delivery or provider.deliver(written or Written(**values))
        response = client.post(
            reverse("live-webhook", args=["mail"]),
            body,
            content_type="application/octet-stream",  # the body says what it is
            headers=headers,
        )
        assert response.status_code == status
        fetch_due()
        return response

    return send


def fetch_due():
    for found in ReceivedImage.objects.filter(due_at__lte=timezone.now()):
        images.fetch(found)


def shown(page):
    return [
        (post.title, [(block.block_type, str(block.value)) for block in post.content])
        for post in page.live_channel.posts.oldest_first()
    ]


@pytest.mark.every_database
@PROVIDERS
def test_an_email_becomes_a_post(send, match_page):
    html = (
        "<html><head><style>p{color:red}</style></head><body><p>Ann <b>scores</b> 🎉</p>"
        '<p><img src="cid:photo1" alt="The goal"></p>'
        '<div class="gmail_quote">secret</div><div class="gmail_signature">'
        '<img src="cid:logo"></div></body></html>'
    )
    files = [
        ("goal.jpg", "image/jpeg", make_image(), "photo1"),
        ("logo.jpg", "image/jpeg", make_image(size=(20, 10)), "logo"),
        ("fans.jpg", "application/octet-stream", make_image(size=(40, 30)), ""),
        ("line-up.pdf", "application/pdf", b"%PDF-1.4", ""),
    ]
    send(
        name="Änn",
        subject="Re: Goäl – 1:0",
        text="Ann scores",
        html=html,
        files=files,
    )
    ((title, (text, gallery)),) = shown(match_page)
    assert title == "Goäl – 1:0"
    assert text == ("text", "<p>Ann <b>scores</b> 🎉</p>")
    assert gallery[0] == "gallery"
    post = match_page.live_posts.get()
    assert post.author_name == "Änn"
    alts = [image.contextual_alt_text for image in post.content[1].value]
    assert alts == ["The goal", ""]
    assert ReceivedMessage.objects.get().omitted == "Not shown: file “line-up.pdf”"
    assert not ReceivedContent.objects.exists()  # the library has the images


@PROVIDERS
def test_the_same_message_id_is_the_same_post(send, match_page):
    for text in ("Goal", "Goal", "Edited"):
        send(subject="Now", text=text, message_id="one@paper")
    assert shown(match_page) == [("Now", [("text", "<p>Goal</p>")])]
    match_page.live_channel.posts.get().delete()
    send(text="Goal", message_id="one@paper")
    assert shown(match_page) == []
    for _ in range(2):  # odd ones, too
        send(subject="Odd", text="Goal", message_id="<>" + "x" * 300)
    assert [title for title, _ in shown(match_page)] == ["Odd"]


@PROVIDERS
@pytest.mark.parametrize(
    ("values", "is_shown"),
    [
        ({"address": "Ann@Paper.example"}, True),
        ({"address": "eve@paper.example"}, False),
        ({"spf": "fail", "dkim": "fail"}, False),
        ({"spf": "softfail", "dkim": "pass"}, True),
        ({"spf": "pass", "dkim": "fail"}, True),
        # Confirmed, but not for the domain of the From header.
        ({"envelope": "eve@evil.example", "signed_by": "evil.example"}, False),
        ({"envelope": "bounces@mail.paper.example", "dkim": "fail"}, True),
        ({"envelope": "eve@evil.example", "signed_by": ""}, False),
        # The provider doesn't check: the list of the source is all there is.
        ({"spf": "", "dkim": ""}, True),
        ({"more": {"Auto-Submitted": "auto-replied"}}, False),
        ({"more": {"Auto-Submitted": "no"}}, True),
    ],
)
def test_who_may_write(send, match_page, values, is_shown):
    send(text="Goal", **values)
    assert bool(shown(match_page)) is is_shown
    assert not FailedDelivery.objects.exists()


def test_nobody_may_write_without_a_list(send, match_page, source):
    Source.objects.update(allowed_senders="")
    send(text="Goal")
    # Nor to a page whose channel has the name of an address.
    Source.objects.all().delete()
    match_page.channel_id = "match@live.example"
    match_page.save()
    send(text="Goal")
    assert shown(match_page) == []


def test_results_can_be_required(send, match_page, settings):
    options = settings.WAGTAIL_LIVE_RECEIVERS["mail"]["OPTIONS"]
    settings.WAGTAIL_LIVE_RECEIVERS = {
        "mail": {
            **settings.WAGTAIL_LIVE_RECEIVERS["mail"],
            "OPTIONS": {**options, "require_proof": True},
        }
    }
    send(text="Goal", spf="", dkim="")
    assert shown(match_page) == []
    send(text="Goal")
    assert len(shown(match_page)) == 1


@PROVIDERS
def test_odd_emails(send, match_page):
    send(subject="Only a subject 🥅")
    send(subject="", text="")
    send(subject="Photo", files=[("a.jpg", "image/jpeg", make_image(), "")])
    send(subject="Fwd: Secret", text="> only quoted\n> text")
    send(subject="x" * 400 + "\u202e", text="\u202e<b>not bold</b>")
    posts = shown(match_page)
    assert posts[0] == ("", [("text", "<p>Only a subject 🥅</p>")])
    assert posts[1][0] == "Photo"
    assert [kind for kind, _ in posts[1][1]] == ["image"]
    assert posts[2] == ("x" * 255, [("text", "<p>&lt;b&gt;not bold&lt;/b&gt;</p>")])
    assert len(posts) == 3
    omitted = ReceivedMessage.objects.exclude(omitted="").get()
    assert omitted.omitted == "Not shown: quoted text"
    assert not FailedDelivery.objects.exists()


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        ("AW: Re: Goal", "Goal"),
        ("More: goals", "More: goals"),
        ("Re:", ""),
        ("1:0", "1:0"),
    ],
)
def test_the_title_is_the_subject(send, match_page, subject, title):
    send(subject=subject, text="Goal")
    assert shown(match_page)[0][0] == title


def test_nothing_is_read_from_the_text_beside_quoting_html(send, match_page):
    html = '<div class="gmail_quote">secret</div>'
    send(html=html, text="secret, not marked as quoted")
    assert shown(match_page) == []


def test_a_link_alone_on_its_line_may_become_an_embed(send, match_page):
    url = "https://video.example/goal"
    send(html=f'<div>Watch</div><div><a href="{url}">{url}</a></div><div>End</div>')
    (message,) = ReceivedMessage.objects.all()
    assert [item.get("link") or item["text"] for item in message.body] == [
        "<p>Watch</p>",
        url,
        "<p>End</p>",
    ]


def test_each_recipient_has_a_page_of_its_own(send, match_page, provider):
    fields = provider.fields(Written(text="Goal"))
    fields["recipient"] = "other@live.example, MATCH@live.example"
    send(delivery=(provider.encode(fields), {}))
    assert len(shown(match_page)) == 1


def test_a_file_that_is_no_image_is_named(send, match_page):
    files = [
        ("a.jpg", "image/jpeg", b"not an image", ""),
        ("smile.asc", "application/pgp-signature", b"-", ""),
    ]
    send(text="Goal", files=files)
    assert shown(match_page) == [("Goal", [("text", "<p>Goal</p>")])]
    received = ReceivedImage.objects.get()
    assert "JPEG" in received.error
    assert ReceivedMessage.objects.get().omitted == ""
    # It is kept for a while, for “Try again”.
    assert ReceivedContent.objects.count() == 1
    old = timezone.now() - images.KEEP_CONTENT - images.KEEP_CONTENT
    ReceivedMessage.objects.update(changed_at=old)
    call_command("live_housekeeping")
    assert not ReceivedContent.objects.exists()


@pytest.mark.every_database
def test_a_large_image_is_kept_in_parts(send, match_page, monkeypatch):
    monkeypatch.setattr(images, "PART_SIZE", 100)
    send(subject="", files=[("a.jpg", "image/jpeg", make_image(), "")])
    assert [kind for kind, _ in shown(match_page)[0][1]] == ["image"]


@PROVIDERS
def test_long_texts_and_bad_content_are_failed_deliveries(send, match_page, provider):
    send(text="a" * 40_001)
    failed = FailedDelivery.objects.get()
    assert "The limit is 40000" in failed.reason
    assert failed.external_id == "match@live.example"
    assert bytes(failed.body)
    assert shown(match_page) == []


def test_a_failed_delivery_can_be_replayed_without_its_headers(
    send, admin_client, match_page, monkeypatch
):
    written = Written(text="Goal", files=[("a.jpg", "image/jpeg", make_image(), "")])
    with monkeypatch.context() as patch:
        patch.setattr("wagtail_live.receivers.intake._apply", lambda *_: 1 / 0)
        send(written)
    failed = FailedDelivery.objects.get()
    url = reverse(
        "wagtail_live:failed_delivery", args=[match_page.pk, failed.pk, "replay"]
    )
    admin_client.post(url)
    fetch_due()
    assert [kind for kind, _ in shown(match_page)[0][1]] == ["text", "image"]
    assert not FailedDelivery.objects.exists()


def test_a_failed_delivery_that_is_too_large_is_only_named(
    send, admin_client, match_page, monkeypatch
):
    monkeypatch.setattr(failures, "MAX_BODY", 100)
    send(text="a" * 40_001)
    assert bytes(FailedDelivery.objects.get().body) == b""
    url = reverse("wagtail_live:connections", args=[match_page.pk])
    page = admin_client.get(url).content.decode()
    assert "The limit is 40000" in page
    assert "/replay/" not in page


class TestMailgun:
    def test_a_token_is_good_for_one_email(self, send, provider, match_page):
        body, _headers = provider.deliver(Written(text="Goal"))
        send(delivery=(body, {}))
        send(delivery=(body, {}))  # Mailgun tries again
        forged = body.replace(b"Goal", b"Fake").replace(b"%40paper", b"%40papers", 1)
        response = send(delivery=(forged, {}), status=403)
        assert response.content == b"The token was used for another e-mail."

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            (b"", 400),
            (b"a=b", 400),
            (b"signature=a&token=b&timestamp=1", 403),
            (b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n", 403),
            (b"--\r\n", 400),
            (b"--\xff\r\n", 400),
            (b"\xff\xfe", 400),
            (b"a=b&" * 2000, 400),
        ],
    )
    def test_other_requests_are_refused_with_the_reason(self, send, body, status):
        assert send(delivery=(body, {}), status=status).content

    def test_an_old_signature_is_refused(self, send, provider, monkeypatch):
        moment = timezone.now().timestamp() - 600
        monkeypatch.setattr("tests.receivers.fake_mail.time.time", lambda: moment)
        response = send(text="Goal", status=403)
        assert b"too old" in response.content


@pytest.mark.parametrize("provider", ["postmark"], indirect=True)
@pytest.mark.parametrize(
    "given",
    [
        *(
            "",
            "Basic",
            "Basic !",
            "Basic cG9zdG1hcms6d3Jvbmc=",
            "Bearer canary-password",
        ),
        "Basic Y2FuYXJ5LXBhc3N3b3Jk",
    ],
)
def test_postmark_needs_the_password(send, provider, given):
    body, _headers = provider.deliver(Written(text="Goal"))
    response = send(delivery=(body, {"Authorization": given}), status=401)
    assert response.content == b"The user name or the password is wrong."


def test_headers_that_the_sender_has_added_prove_nothing():
    """Mailgun's own must all pass; of Postmark's, the first or none counts."""
    added = {"X-Mailgun-Spf": "Pass", "X-Mailgun-Dkim-Check-Result": "Pass"}
    found = mailgun.read_proof(
        [*added.items(), ("X-Mailgun-Spf", "Fail"), ("X-Mailgun-Sflag", "No")],
        "ann@paper.example",
    )
    assert (found.spf, found.dkim, found.is_spam) == (False, True, False)
    spf = "Pass (x) identity=mailfrom; envelope-from=ann@paper.example"
    found = postmark.read_proof(
        [
            ("X-Spam-Tests", "DKIM_SIGNED"),
            ("Received-SPF", "Fail (x) envelope-from=eve@evil.example"),
            ("X-Spam-Tests", "DKIM_VALID_AU"),
            ("Received-SPF", spf),
        ]
    )
    assert (found.spf, found.is_author_signed) == (False, False)


@pytest.mark.parametrize(
    ("proof", "fault"),
    [
        (Proof(dmarc=True), ""),
        (Proof(dmarc=False, spf=True, envelope_sender="a@paper.example"), "DMARC"),
        (Proof(is_spam=True, dmarc=True), "spam"),
        # One result for two signatures, of which one may be forged.
        (
            Proof(dkim=True, signing_domains=("evil.example", "paper.example")),
            "Neither",
        ),
        (Proof(dkim=True, signing_domains=("paper.example",)), ""),
        (Proof(spf=True, envelope_sender=""), "Neither"),
        (Proof(spf=True, envelope_sender="a@wallpaper.example"), "Neither"),
    ],
)
def test_what_proves_the_sender(proof, fault):
    found = proof.find_fault("ann@paper.example", is_required=False)
    assert fault in found
    assert bool(fault) is bool(found)


def test_a_message_may_be_in_a_charset_of_its_own():
    message = EmailMessage()
    message["Subject"] = "Tor"
    message.set_content("Größe", charset="iso-8859-1")
    assert read_mime(message.as_bytes()).text == "Größe\n"
    odd = message.as_bytes().replace(b"iso-8859-1", b"no-such-charset")
    assert "Gr" in read_mime(odd).text


@pytest.mark.parametrize(
    ("header", "sender"),
    [
        ("Ann <Ann@Paper.example>", ("ann@paper.example", "Ann")),
        ("ann@paper.example", ("ann@paper.example", "")),
        ('"Lee, \\"Ann\\"" <ann@paper.example>', ("ann@paper.example", 'Lee, "Ann"')),
        ("Lee, Änn <ann@paper.example>", ("ann@paper.example", "Lee, Änn")),
        (
            '"eve@evil.example" <ann@paper.example>',
            ("ann@paper.example", "eve@evil.example"),
        ),
        ("eve@evil.example <ann@paper.example>", None),
        ("ann@paper.example (<eve@evil.example>)", None),
        ("ann@paper.example, eve@evil.example", None),
        ("team: ann@paper.example;", None),
        ("Ann", None),
        ("", None),
    ],
)
def test_a_from_header_names_one_sender(header, sender):
    found = read_sender(header)
    assert (found and (found.id, found.name)) == sender


def test_addresses_are_entered_as_people_write_them():
    guide = PostmarkReceiver.guide
    assert guide.find_id(" Match@Live.example ") == "match@live.example"
    assert guide.find_id("not an address") == ""
    entered = "Ann <Ann@Paper.example>\n\nbob@paper.example\n"
    assert guide.find_senders(entered) == "ann@paper.example\nbob@paper.example"
    with pytest.raises(ValueError, match="Ann"):
        guide.find_senders("Ann")
