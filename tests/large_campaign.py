"""A rulebook of a campaign as large as they come: 85 venues in six kinds, 25 milestones."""

from campaigns.models import Campaign, RulebookVersion, TallyDelta
from campaigns.rulebooks import yaml_text
from campaigns.rulebooks.loading import read_rulebook, take_in
from tests.times import local

BRANCHES = {"industry": 20, "featured": 10, "business": 4}
KINDS = {"presale_main": 1, "presale": 21, "main": 1, "branch": 34, "affiliate": 27, "outer": 1}
MILESTONES = (
    ("sellers", "seller_registration", "10-19", "12-13", "Sellers join", "商家报名"),
    ("presale_filing", "item_registration", "10-19", "11-17", "Presale registration", "预售报名"),
    ("outer_filing", "item_registration", "10-29", "12-13", "Outer registration", "外场报名"),
    ("branch_filing", "item_registration", "11-13", "11-25", "Branch registration", "分会场报名"),
    ("preheat", "preheat", "12-07", "12-12", "Preheat", "预热"),
    ("presale_preheat", "preheat", "11-20", "11-25", "Presale preheat", "预售预热"),
    ("sale", "live", "12-12", "12-13", "Sale day", "活动当天"),
    ("price_window", "reference", "11-12", "12-12", "Lowest price window", "最低价统计"),
    ("packets", "other", "10-29", "12-12", "Shop red packets settable", "店铺红包设置"),
    ("rebates", "other", "10-29", "12-12", "Cash-back settable", "返现红包设置"),
    ("preselection", "other", "11-12", "11-19", "Pre-selection", "海选"),
    ("presale_pages", "other", "11-16", "12-12", "Presale pages decorated", "预售承接页装修"),
    ("branch_pages", "other", "11-19", "12-12", "Branch pages decorated", "分会场承接页装修"),
    ("presale_selling", "other", "11-25", "12-12 02:00", "Presale on sale", "预售售卖"),
    ("presale_online", "other", "11-25", "12-12", "Presale venue online", "预售会场在线"),
    ("main_push", "other", "11-25", "12-01", "Main push of the presale venue", "预售主推"),
    ("refunds", "other", "11-25", "12-12", "Refund without consent", "无理由退款"),
    ("hourly_presale", "other", "11-25", "11-26", "Hourly presale race", "预售小时赛马"),
    ("daily_presale", "other", "11-26", "12-01", "Daily presale race", "预售日赛马"),
    ("group_rate", "other", "12-01", "12-12", "Race by group rate", "成团率赛马"),
    ("carts", "other", "12-02 10:00", "12-11 18:00", "Cart incentive", "加购激励"),
    ("daily_race", "other", "12-07", "12-12", "Daily race", "日赛马"),
    ("affiliate_online", "other", "12-07", "12-13", "Affiliate venues shown", "淘客会场展示"),
    ("outer_race", "other", "12-11 18:00", "12-12", "Hourly outer race", "外场小时赛马"),
    ("search", "other", "12-12 18:00", "12-13", "Sales incentive shown", "销售激励展示"),
)
NAMES = {
    "presale": ("Presale branch", "预售分会场"),
    "branch": ("Branch", "分会场"),
    "affiliate": ("Affiliate branch", "淘客分会场"),
    "presale_main": ("Presale main venue", "预售主会场"),
    "main": ("Main venue", "主会场"),
    "outer": ("Outer venue", "外场"),
}
_read = {}


def text(code: str = "double12", **more) -> str:
    """The file; ``more`` are further sections."""
    document = {
        "schema": 1,
        "campaign": {
            "code": code,
            "title": {"en": "Double 12, 2015", "zh-hans": "2015年双12"},
        },
        "milestones": [
            {
                "code": milestone,
                "title": {"en": english, "zh-hans": chinese},
                "kind": kind,
                "starts": f"2015-{starts}{'' if ' ' in starts else ' 00:00'}:00",
                "ends": f"2015-{ends}{'' if ' ' in ends else ' 00:00'}:00",
            }
            for milestone, kind, starts, ends, english, chinese in MILESTONES
        ],
        "pauses": [
            {"code": "opening", "anchor": "sale", "start_offset": "-2h", "end_offset": "+30m"}
        ],
        "venues": [venue for kind, number in KINDS.items() for venue in _venues(kind, number)],
        "slots": [
            {
                "code": slot,
                "title": {"en": english, "zh-hans": chinese},
                "channel": channel,
                "place": place,
            }
            for place, (slot, english, chinese, channel) in enumerate(
                (
                    ("focus", "Focus image", "首页焦点图", "web"),
                    ("banner", "Top banner", "顶部通栏", "web"),
                    ("belt", "Belt", "首页腰封", "web"),
                    ("app_focus", "Focus image in the app", "手机焦点图", "app"),
                    ("coins", "Coin market", "金币频道", "app"),
                ),
                start=1,
            )
        ],
        **more,
    }
    return yaml_text.write(document)


def large_campaign(code: str = "double12", at=None, **more) -> Campaign:
    """The campaign, its rulebook published and in force from 10 October 2015 or ``at``.

    The file is read and judged once; what it says is then stored as often as it is wanted.
    """
    key = yaml_text.write(more)
    if key not in _read:
        _read[key] = read_rulebook(text(**more))
    version = take_in(_read[key].under(code)).version
    at = at or local("2015-10-10")
    version.state = RulebookVersion.State.PUBLISHED
    version.published_at = version.effective_at = at
    version.save()
    version.campaign.state = Campaign.State.PUBLISHED
    version.campaign.save()
    return version.campaign


def version_of(campaign: Campaign) -> RulebookVersion:
    """Its one version."""
    return campaign.versions.get()


def _venues(kind, number):
    return [_venue(kind, i + 1, number) for i in range(number)]


def _venue(kind, i, number):
    english, chinese = NAMES[kind]
    code = kind if number == 1 else f"{kind}-{i:02}"
    title = {"en": english, "zh-hans": chinese}
    if number > 1:
        title = {"en": f"{english} {i}", "zh-hans": f"{chinese}{i}"}
    common = {"code": code, "title": title, "kind": kind}
    styles = [{"en": "1212 price", "zh-hans": "1212价"}]
    return (
        common
        | {
            "presale": {
                "review_mode": "manual",
                "cancellable_after_approval": False,
                "windows": ["presale_filing"],
                "online": "presale_online",
                "on_sale": "presale_selling",
                "badged": "presale_selling",
                "badge": {"en": "Presale", "zh-hans": "预售"},
            },
            "presale_main": {
                "takes_registrations": False,
                "feeds_from_kinds": ["presale"],
                "capacity": 60,
                "online": "presale_online",
            },
            "branch": {
                "group": _group(i),
                "feeds_from": ["outer"],
                "review_mode": "system_then_manual",
                "release": "together",
                "results_due": "2015-12-01 00:00:00",
                "cancellable_after_approval": False,
                "windows": ["branch_filing"],
                "online": "preheat" if i % 2 else "sale",
                "on_sale": "sale",
                "badge": {"en": "1212 annual gala", "zh-hans": "1212年度盛典"},
                "badge_styles": styles,
            },
            "main": {
                "takes_registrations": False,
                "feeds_from_kinds": ["branch"],
                "capacity": 10,
            },
            "affiliate": {
                "takes_registrations": False,
                "online": "affiliate_online",
            },
            "outer": {
                "invitation_only": True,
                "windows": ["outer_filing"],
                "badge": {"en": "1212 annual gala", "zh-hans": "1212年度盛典"},
                "badge_styles": styles,
            },
        }[kind]
    )


def _group(i):
    for group, number in BRANCHES.items():
        if i <= number:
            return group
        i -= number
    return ""


def filled(campaign: Campaign) -> None:
    """Give every venue counts as filings, reviews and nights leave them."""
    day = local("2015-11-20").date()
    deltas = []
    for i, venue in enumerate(campaign.venues.order_by("pk"), start=1):
        if venue.code in {"main", "presale_main"} or venue.code.startswith("affiliate"):
            continue
        size = 40_000 if venue.code == "outer" else 100 * i + 7 * (i % 9)
        numbers = {
            "moved.draft.submitted": size,
            "moved.draft.rejected": size // 5,
            "moved.submitted.in_review": size,
            "moved.in_review.approved": size // 2,
            "moved.in_review.rejected": size // 10,
            "status.in_review": size - size // 2 - size // 10,
            "status.approved": size // 3,
            "status.at_risk": i % 7,
            "status.abnormal": i % 11,
            "status.unpublished": i % 3,
            "status.cleared_out": size // 50,
            "status.rejected": size // 5 + size // 10,
            "status.withdrawn": i % 5,
            "refused.window_closed": i % 13,
        }
        deltas += [
            TallyDelta(campaign=campaign, venue=venue, name=name, day=day, delta=number)
            for name, number in numbers.items()
            if number
        ]
    TallyDelta.objects.bulk_create(deltas)
