"""What a delivery says, to whom, in which language."""

import pytest
from django.utils import translation

from campaigns import delivering, notices
from campaigns.delivering import Sent
from campaigns.lifecycle import transition
from campaigns.models import (
    Delivery,
    EntryHistory,
    Finding,
    Move,
    Notice,
    ReasonTemplate,
)
from campaigns.notice_texts import CAUSES, LINES
from tests.campaigns.delivering.deliveries import AT, MINUTE, channel, cleared, ready
from tests.factories import (
    CampaignFactory,
    MembershipFactory,
    RequirementFactory,
    SellerFactory,
    SweepRunFactory,
    VersionFactory,
)
from tests.times import local

pytestmark = pytest.mark.django_db


def test_everybody_reads_their_own_language(phone, by_mail, mailoutbox):
    seller = SellerFactory()
    channel(seller, "a", language="en")
    channel(seller, "b", language="zh-hans")
    english = MembershipFactory(seller=seller, user__language="en").user
    chinese = MembershipFactory(seller=seller, user__language="zh-hans").user
    campaign = CampaignFactory(title={"en": "Gifts", "zh-hans": "礼遇季"})
    (entry,) = cleared(seller, campaign=campaign)
    notices.send_ready(at=AT)
    assert delivering.send_due(at=AT) == Sent(sent=4)
    (_, in_english, body), (_, in_chinese, _) = phone
    assert in_english == "[Gifts] Entries cleared out"
    assert f"1 entry:\n- Tea 0 ({entry.item.code}): cleared out\n" in body
    assert str(CAUSES["cleared_out"].todo) in body
    with translation.override("zh-hans"):
        assert in_chinese == f"[礼遇季] {CAUSES['cleared_out'].heading}"
    assert [(mail.to, mail.subject) for mail in mailoutbox] == [
        ([english.email], in_english),
        ([chinese.email], in_chinese),
    ]
    assert mailoutbox[0].body == body


def test_a_long_notice_names_the_first_entries_and_counts_the_rest(phone):
    seller = SellerFactory()
    channel(seller)
    ready(seller, entries=LINES + 3)
    delivering.send_due(at=AT)
    ((_, _, body),) = phone
    assert "23 entries:" in body
    assert body.count("\n- ") == LINES
    assert "\n… and 3 more\n" in body


def test_a_message_is_no_longer_than_the_messenger_takes(phone):
    seller = SellerFactory()
    channel(seller)
    ready(seller, titles=["茶" * 60] * 15)
    delivering.send_due(at=AT)
    ((_, title, body),) = phone
    assert len(f"{title}\r\n{body}".encode()) <= 2048
    named = body.count("\n- ")
    assert 3 <= named < 15
    assert f"\n… and {15 - named} more\n" in body


def test_a_requirements_title_is_the_reason(phone):
    run = SweepRunFactory()
    seller = SellerFactory()
    channel(seller, "a")
    channel(seller, "b", language="zh-hans")
    requirement = RequirementFactory(
        version=run.version, code="R", title={"en": "Ships in time", "zh-hans": "按时发货"}
    )
    (entry,) = cleared(seller, run=run, reason="R")
    notices.send_ready(at=AT)
    delivering.send_due(at=AT)
    assert f"({entry.item.code}): cleared out – Ships in time" in phone[0][2]
    assert "– 按时发货" in phone[1][2]
    # With two that failed, the one that decided comes first.
    Delivery.objects.all().delete()
    Notice.objects.update(state="ready")
    other = RequirementFactory(version=run.version, code="S", title={"en": "In stock"})
    for one in (other, requirement):
        Finding.objects.create(
            campaign=run.campaign, version=run.version, run=run, entry=entry, requirement=one,
            code=one.code, outcome="fail", stage="recheck", action="clear_out",
            at=AT,
        )  # fmt: skip
    notices.send_ready(at=AT)
    delivering.send_due(at=AT)
    assert "– Ships in time; In stock" in phone[2][2]


def test_a_picked_reason_is_told_in_its_own_words(phone):
    ReasonTemplate.objects.create(
        code="fake", use="clear_out", text={"en": "Counterfeit", "zh-hans": "假货"}
    )
    seller = SellerFactory()
    channel(seller, language="zh-hans")
    cleared(seller, reason="fake")
    notices.send_ready(at=AT)
    delivering.send_due(at=AT)
    assert "– 假货" in phone[0][2]


def test_a_requirement_may_name_the_template(phone):
    run = SweepRunFactory()
    seller = SellerFactory()
    channel(seller)
    ReasonTemplate.objects.create(code="late", use="clear_out", text={"en": "Too late"})
    RequirementFactory(version=run.version, code="R", reason="late", title={"en": "Ships"})
    cleared(seller, run=run, reason="late")
    notices.send_ready(at=AT)
    delivering.send_due(at=AT)
    assert "– Too late" in phone[0][2]
    assert "Ships" not in phone[0][2]


def test_the_reason_is_that_of_the_notices_own_move(phone):
    """An entry cleared out twice, for two reasons; each notice names its own."""
    version = VersionFactory()
    for code, title in (("R", "First"), ("S", "Second")):
        RequirementFactory(version=version, code=code, title={"en": title})
    runs = [
        SweepRunFactory(campaign=version.campaign, version=version, at=at)
        for at in (AT, AT + MINUTE)
    ]
    seller = SellerFactory()
    channel(seller)
    (entry,) = cleared(seller, run=runs[0], reason="R")
    move = {"from_status": "cleared_out", "to_status": "approved", "cause": Move.Cause.UNDO}
    transition(entries={entry.pk: entry.revision}, at=AT, tell=False, **move)
    transition(
        entries={entry.pk: entry.revision}, from_status="approved", to_status="cleared_out",
        cause=Move.Cause.SWEEP, at=AT + MINUTE, run=runs[1], reason="S",
    )  # fmt: skip
    notices.close(key=f"run:{runs[1].pk}")
    assert EntryHistory.objects.filter(entry=entry).count() == 3
    notices.send_ready(at=AT)
    delivering.send_due(at=AT)
    assert ["– First" in body for _, _, body in phone] == [True, False]
    assert ["– Second" in body for _, _, body in phone] == [False, True]


def test_a_notice_without_entries_says_what_its_parameters_say(phone):
    seller = SellerFactory()
    channel(seller, "a")
    channel(seller, "b", language="zh-hans")
    notices.tell(
        [seller.pk],
        cause="invited",
        key="invitations:1",
        at=AT,
        campaign=CampaignFactory(title={"en": "Double 12"}),
        params={
            "venue": {"en": "Outer venue", "zh-hans": "外围会场"},
            "until": local("2023-06-01"),
        },
    )
    notices.send_ready(at=AT)
    delivering.send_due(at=AT)
    assert phone[0][1] == "[Double 12] Your shop is invited"
    assert phone[0][2].splitlines()[:4] == [
        "Double 12: Your shop is invited",
        "Outer venue invites your shop to file there.",
        "The invitation is open until 31 May 2023, 24:00.",
        "",
    ]
    assert "外围会场" in phone[1][2]


def test_an_unknown_cause_is_told_all_the_same(phone):
    seller = SellerFactory()
    channel(seller)
    told = {"cause": "of_its_own", "key": "x", "at": AT, "params": {"venue": "V"}}
    notices.tell([seller.pk], campaign=CampaignFactory(title={}, code="c"), **told)
    notices.send_ready(at=AT)
    delivering.send_due(at=AT)
    assert phone[0][1] == "[c] of_its_own"


def test_names_cannot_write_headers_or_lines(phone, by_mail, mailoutbox):
    seller = SellerFactory()
    channel(seller)
    MembershipFactory(seller=seller, user__language="en")
    evil = "Gifts\r\nBcc: everyone@example.org\r\n\r\n<script>alert(1)</script>\u202e\x07"
    cleared(seller, titles=[evil], campaign=CampaignFactory(title={"en": evil}))
    notices.send_ready(at=AT)
    assert delivering.send_due(at=AT) == Sent(sent=2)
    ((_, title, body),), (mail,) = phone, mailoutbox
    name = "Gifts Bcc: everyone@example.org <script>alert(1)</script>"
    assert title == mail.subject == f"[{name}] Entries cleared out"
    assert f"\n- {name} (" in body
    assert mail.message().get_content_type() == "text/plain"
    assert mail.message()["Bcc"] is None
