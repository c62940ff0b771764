"""The shops: first those that stand on a rule's border, then a crowd."""

from collections.abc import Iterator, Sequence

from config.marketplaces.draws import Draws, Wheel
from config.marketplaces.synthetic.catalogue import LEAVES, SHOP_FIRST, SHOP_SECOND, STYLES
from config.marketplaces.synthetic.world import Shop, World

# The ceilings of G520-021..027, so that a shop can own one item more than it may file.
CEILINGS = {
    **{(level, True): 10 for level in (1, 2, 3)},
    **{(level, False): 5 for level in (1, 2, 3)},
    (4, True): 150,
    (4, False): 12,
    (5, True): 150,
    (5, False): 30,
    **{(6, featured): 300 for featured in (True, False)},
    **{(level, featured): 600 for level in (7, 8) for featured in (True, False)},
    **{(None, featured): 3 for featured in (True, False)},
}
# Where there is room, one shop for each of the largest ceilings owns more than it.
FULL_HOUSES = {(4, True), (6, False), (8, False)}

LEVELS = Wheel([(1, 10), (2, 13), (3, 16), (4, 18), (5, 16), (6, 10), (7, 6), (8, 4), (None, 7)])
CATEGORIES = Wheel([(leaf.code, leaf.share) for leaf in LEAVES])
# Shares of shops, in permille.
MESSENGERS = Wheel(
    [
        ((True, True, False), 640),
        ((True, True, True), 120),
        ((False, None, True), 190),
        ((True, False, True), 12),
        ((True, False, False), 18),
        ((False, None, False), 16),
        ((None, None, None), 4),
    ]
)
SHOP_TYPES = Wheel([("marketplace", 955), ("tmall", 35), ("other", 10)])


def level_cases(world: World) -> Iterator[dict]:
    """Every growth level, featured or not, with more items than its ceiling where there is room."""
    for level in (1, 2, 3, 4, 5, 6, 7, 8, None):
        for featured in (True, False):
            ceiling = CEILINGS[level, featured]
            if ceiling > 30:
                full = world.size.big_shops and (level, featured) in FULL_HOUSES
                room = ceiling + 2 if full else 12 + (level or 0)
            else:
                room = ceiling + 2
            yield {
                "case": f"level {level or 'none'}, {'featured' if featured else 'not featured'}",
                "growth_level": level,
                "industry_featured": featured,
                "room": room,
            }


ALLOTMENT_CASES = (
    {"case": "allotted 4 of 3 to 5", "growth_level": 2, "allotment": 4, "room": 7},
    {
        "case": "allotted 7 of 5 to 10",
        "growth_level": 3,
        "industry_featured": True,
        "allotment": 7,
        "room": 9,
    },
    {"case": "allotted more than the range", "growth_level": 5, "allotment": 40, "room": 33},
    {"case": "allotted less than the range", "growth_level": 4, "allotment": 2, "room": 6},
)
SNAPSHOT_CASES = (
    {"case": "level 5 on the day, 6 later", "growth_level": 5, "room": 33},
    {"case": "level 4 on the day, 3 later", "growth_level": 4, "room": 14},
    {"case": "not known on the day", "growth_level": 6, "room": 6},
)
ADMISSION_CASES = (
    {"case": "joins a second too early", "growth_level": 5, "room": 8},
    {"case": "Tmall shop", "shop_type": "tmall", "room": 6},
    {"case": "another type of shop", "shop_type": "other", "room": 6},
    {"case": "type of shop not known", "shop_type": None, "room": 6},
    {"case": "breaks the marketing rules", "marketing_rules_ok": False, "room": 6},
    {"case": "marketing rules not known", "marketing_rules_ok": None, "room": 6},
    {
        "case": "messenger bound only",
        "dingtalk_activated": False,
        "dingtalk_by_main_account": None,
        "dingtalk_bound": True,
        "room": 6,
    },
    {
        "case": "messenger activated by a sub-account",
        "dingtalk_by_main_account": False,
        "room": 6,
    },
    {
        "case": "messenger activated by a sub-account, and bound",
        "dingtalk_by_main_account": False,
        "dingtalk_bound": True,
        "room": 6,
    },
    {
        "case": "no messenger",
        "dingtalk_activated": False,
        "dingtalk_by_main_account": None,
        "room": 6,
    },
    {"case": "one-key closed", "one_click_closed": True, "room": 6},
)
# What happens to these is told in happenings.py.
FATE_CASES = (
    {"case": "closes by one key and opens again", "growth_level": 5, "room": 10},
    {"case": "closes by one key for good", "growth_level": 4, "room": 8},
    {"case": "becomes a Tmall shop", "growth_level": 4, "room": 8},
    {"case": "loses the marketing rules", "growth_level": 4, "room": 8},
    {
        "case": "unbinds the messenger",
        "dingtalk_activated": False,
        "dingtalk_by_main_account": None,
        "dingtalk_bound": True,
        "growth_level": 4,
        "room": 8,
    },
    {"case": "withdraws altogether", "growth_level": 5, "room": 10},
    {"case": "binds the messenger and tries again", "dingtalk_activated": False, "room": 8},
)
# The shop whose items stand on the border of an item's rule; its own ceiling is out of the way.
SHOWCASE = {"case": "showcase", "growth_level": 7, "industry_featured": True, "room": 0}


def cases_of(world: World) -> list[dict]:
    """The shops that stand on a border of the 520 season's rules, the showcase first."""
    return [
        SHOWCASE,
        *level_cases(world),
        *ALLOTMENT_CASES,
        *SNAPSHOT_CASES,
        *ADMISSION_CASES,
        *FATE_CASES,
    ]


def open_shops(world: World, cases: Sequence[dict]) -> None:
    """Fill `world.shops`: the cases in a fixed order, then as many as the size asks for."""
    for number in range(world.size.shops):
        draws = world.draws("shop", number)
        shop = _crowd(draws, number)
        if number < len(cases):
            _follow(shop, cases[number])
        if shop.case == "not known on the day":
            shop.known_at = world.calendar.at(-13, 9)
        world.shops.append(shop)


def _crowd(draws: Draws, number: int) -> Shop:
    activated, by_main, bound = MESSENGERS.draw(draws)
    level = LEVELS.draw(draws)
    return Shop(
        code=f"S{number + 1:05}",
        name=_name(number),
        shop_type=SHOP_TYPES.draw(draws),
        marketing_rules_ok=not draws.permille(22),
        dingtalk_activated=activated,
        dingtalk_by_main_account=by_main,
        dingtalk_bound=bound,
        one_click_closed=draws.permille(14),
        growth_level=level,
        industry_featured=draws.percent(24),
        operating_score=min(500, 220 + 22 * (level or 1) + draws.between(0, 110)),
        service_score=draws.between(420, 500),
        main_category=CATEGORIES.draw(draws),
        # A few people own several shops; an agency runs some.
        entity=f"E{(number if draws.percent(92) else draws.below(number + 1)) + 1:05}",
        agency=f"A{draws.between(1, 6):02}" if draws.percent(8) else "",
        allotment=_allotment(draws, level),
        pull=draws.spread(40 + 25 * (level or 1)),
        case="",
    )


def _name(number: int) -> str:
    """A name that no other shop has, up to 250 × 21 of them."""
    # 97 has no divisor in common with 250, so that the walk meets every pair once.
    first = SHOP_FIRST[number * 97 % 250 // len(SHOP_SECOND)]
    second = SHOP_SECOND[number * 97 % len(SHOP_SECOND)]
    style = ("", "") if number < 250 else STYLES[(number // 250 - 1) % len(STYLES)]
    english = " ".join(part for part in (style[0], first[0], second[0]) if part)
    return f"{english} {style[1]}{first[1]}{second[1]}"


def _allotment(draws: Draws, level: int | None) -> int | None:
    """Some levelled shops are allotted a ceiling of their own within the range (G520-026)."""
    ranges = {1: (3, 5), 2: (3, 5), 3: (3, 5), 4: (3, 12), 5: (8, 30)}
    return draws.between(*ranges[level]) if level in ranges and draws.percent(18) else None


def _follow(shop: Shop, case: dict) -> None:
    """Make a shop an honest one in every respect but its case."""
    honest = {
        "shop_type": "marketplace",
        "marketing_rules_ok": True,
        "dingtalk_activated": True,
        "dingtalk_by_main_account": True,
        "dingtalk_bound": False,
        "one_click_closed": False,
        "industry_featured": False,
        "growth_level": 4,
        "allotment": None,
    }
    for name, value in {**honest, **case}.items():
        setattr(shop, name, value)
    if not shop.dingtalk_activated:
        shop.dingtalk_by_main_account = None
