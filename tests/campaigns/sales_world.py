"""A campaign that sells: items with entries, their hours, what they add up to, and boards."""

from datetime import timedelta
from decimal import Decimal

from campaigns.models import TallyDelta
from campaigns.sales_rollup import roll_up_sales
from sellers.models import ItemHour, SellerHour
from tests.campaigns.racing.world import RaceWorld
from tests.factories import EntryFactory, ItemFactory, SellerFactory
from tests.times import local

# The sale of `open_campaign`, and an instant in its second day.
STARTS, ENDS = local("2023-05-16 20:00"), local("2023-05-21")
AT = local("2023-05-17 14:05")


class SalesWorld(RaceWorld):
    """`RaceWorld` with items that sell."""

    def target(self, amount: str | None) -> None:
        """Set what the rulebook says is to be sold."""
        self.version.settings = {"campaign": {"sales_target": amount}}
        self.version.save()

    def item(self, code: str, *, title="", seller=None, **entry):
        """An item with an entry, approved before the sale unless said otherwise."""
        item = ItemFactory(code=code, title=title, seller=seller or SellerFactory())
        EntryFactory(campaign=self.campaign, venue=self.venue, item=item, **entry)
        return item

    def sold(self, item, at: str, amount: str, *, abnormal="0", quantity=1) -> None:
        """Sales of an item in the hour that begins then."""
        ItemHour.objects.update_or_create(
            item=item,
            hour=local(at),
            defaults={
                "paid_amount": Decimal(amount),
                "abnormal_amount": Decimal(abnormal),
                "quantity": quantity,
                "orders": 1,
            },
        )

    def add_up(self, at, **how) -> int:
        """`roll_up_sales` at an instant or its text."""
        return roll_up_sales(self.campaign, local(at) if isinstance(at, str) else at, **how)

    def counted(self, **numbers) -> None:
        """Entries that stand somewhere or went some way: ``status__approved=3``."""
        TallyDelta.objects.bulk_create(
            TallyDelta(
                campaign=self.campaign,
                venue=self.venue,
                name=name.replace("__", "."),
                day=AT.date(),
                delta=number,
            )
            for name, number in numbers.items()
        )


FUNNEL = {
    "moved__draft__rejected": 3204,
    "moved__draft__submitted": 48210,
    "status__in_review": 1893,
    "status__approved": 39120,
    "status__at_risk": 412,
    "status__abnormal": 275,
    "status__cleared_out": 2316,
    "status__withdrawn": 990,
}
GOODS = (
    ("Moonlight gift box, 12 candles", "Moonlight Gifts 月光礼品店"),
    ("Silk scarf “West Lake”, 180 × 65 cm, hand rolled", "Hangzhou Silk House 杭州丝绸坊"),
    ("玫瑰精油礼盒 30ml 三支装", "花间集旗舰店"),
    ("Double-wall thermos 500 ml", "North Wind Outdoor"),
    ("情侣对戒 925银 可刻字", "银匠小铺"),
    ("Leather card holder", "Old Harbour Leather"),
    ("手工巧克力 24颗 520限定", "可可先生"),
    ("Ceramic tea set, six pieces", "Jingdezhen Studio 景德镇工作室"),
    ("Bluetooth speaker, walnut", "Quiet Sound"),
    ("永生花玻璃罩 带灯", "花间集旗舰店"),
    ("Polaroid album, 200 pictures", "Paper Moon"),
    ("毛绒小熊 80cm", "熊与朋友"),
)


def busy_world(**races) -> SalesWorld:
    """A campaign in full swing: twelve goods of eleven shops, two days of hours, a funnel, a
    target. Nothing is added up yet."""
    world = SalesWorld()
    world.campaign.title = {"en": "520 Gifting Season 2023", "zh-hans": "2023年520礼遇季"}
    world.campaign.save()
    world.target("24000000")
    world.version.milestone_set.filter(code="live").update(
        title={"en": "Sale", "zh-hans": "正式活动"}
    )
    world.version.milestone_set.filter(code__in=["sellers", "items"]).update(
        title={"en": "Registration", "zh-hans": "报名"}
    )
    shops = {}
    for number, (title, shop) in enumerate(GOODS):
        if shop not in shops:
            shops[shop] = SellerFactory(code=f"shop{number}", name=shop)
        item = world.item(f"good{number}", title=title, seller=shops[shop])
        for hour in range(42):
            at = STARTS + timedelta(hours=hour)
            busy = (31, 17, 9, 5, 3, 2, 2, 4, 9, 17, 25, 30, 33, 28, 26, 30, 34, 36)[hour % 18]
            amount = Decimal(busy * (4700 - 371 * number)) + Decimal("0.37")
            ItemHour.objects.create(
                item=item, hour=at, paid_amount=amount, quantity=busy * 9, orders=busy * 8
            )
            SellerHour.objects.update_or_create(
                seller=item.seller, hour=at, defaults={"paid_amount": amount}
            )
    world.counted(**FUNNEL)
    return world
