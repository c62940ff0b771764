"""Writes the plan of a Double 12: its feeds, the tables that are uploaded, and who does what."""

from collections import defaultdict
from datetime import datetime, timedelta

from config.marketplaces.double12.facts import ShopStory, story_of
from config.marketplaces.double12.filings import Filed, draw_up
from config.marketplaces.double12.stalls import Market, Stall
from config.marketplaces.files import Folder, money

QUALIFICATIONS = ("seller", "code", "valid_from", "valid_to")
SELLER_FACTS = (
    "seller", "seller.deposit_amount", "seller.credit_level", "seller.cart_amount_reference",
)  # fmt: skip
VIOLATIONS = (
    "code", "seller", "item", "category", "severity", "points", "occurred_at", "penalised_at",
    "verified",
)  # fmt: skip
CARTS = ("item", "hour", "cart_amount")
# What comes every night beside what every marketplace tells.
NIGHTLY = {"qualifications": QUALIFICATIONS, "violations": VIOLATIONS, "carts": CARTS}
# These come every night but on the days of an outage, which the breaker then notices.
INTERRUPTED = {"facts": SELLER_FACTS}
# The plan: tables that sellers upload, tables that operators import, and what both do.
UPLOADS = ("at", "seller", "venue", "path", "lines")
IMPORTS = ("at", "what", "target", "path")
ACTS = ("at", "seller", "what", "code")
ALLOTMENTS = ("seller", "places")
LOGINS = ("login", "seller")
CASES = ("subject", "code", "case")


def write_plan(out: Folder, market: Market) -> dict[str, int]:
    """Write everything of the plan; return the counts for the cover page."""
    part = []
    for stall in market.stalls:
        draws = market.draws("takes part", stall.code)
        if stall.wares and draws.percent(market.share):
            story = story_of(market, stall)
            part.append((stall, story, draw_up(market, stall, story)))
    part = [row for row in part if row[2].uploads]
    _write_facts(out, market, part)
    counts = _write_uploads(out, part)
    _write_imports(out, market, part)
    acts = sorted(_acts(market, part))
    out.plan("acts", ACTS, acts)
    places = [(stall.code, 6) for stall, _story, filed in part if len(filed.invited[0]) > 6]
    out.plan("allotments", ALLOTMENTS, places[::3])
    out.plan("cases", CASES, ())
    out.plan("logins", LOGINS, _logins(part))
    return {**counts, "acts": len(acts)}


def write_nights(out: Folder, market: Market, kinds: dict[str, tuple]) -> None:
    """Add the empty files of quiet nights; see `Folder.nightly`."""
    nights, first = market.calendar.nights(), market.calendar.OUTAGE
    away = {market.calendar.at(first + day, 0, 30) for day in range(OUTAGE_DAYS)}
    out.nightly(nights, {**kinds, **NIGHTLY})
    out.nightly([at for at in nights if at not in away], INTERRUPTED)


# The rulebook asks for figures not older than 48 hours.
OUTAGE_DAYS = 3
Part = list[tuple[Stall, ShopStory, Filed]]


def _arriving(market: Market, at: datetime, minutes: int) -> datetime:
    """When facts arrive that would at an instant: what would in the outage does after its end, so
    many minutes apart from other files."""
    first = market.calendar.at(market.calendar.OUTAGE, 0, 30)
    end = first + timedelta(days=OUTAGE_DAYS)
    return end + timedelta(minutes=minutes) if first <= at < end else at


def _write_facts(out: Folder, market: Market, part: Part) -> None:
    calendar = market.calendar
    known = calendar.facts_known
    told: dict[datetime, list[tuple[Stall, ShopStory]]] = defaultdict(list)
    for stall, story, _filed in part:
        told[max(known, stall.known_at)].append((stall, story))
    breaches: dict[datetime, list[tuple]] = defaultdict(list)
    for at in sorted(told):
        rows = told[at]
        since = at - timedelta(days=100)
        out.feed(
            at,
            "qualifications",
            QUALIFICATIONS,
            (
                (stall.code, code, since, None)
                for stall, story in rows
                for code in [*story.bonuses, *(["seven_day_return"] * story.seven_days)]
            ),
        )
    facts = defaultdict(list)
    for at in sorted(told):
        facts[_arriving(market, at, 10)] += [
            (stall.code, money(story.deposit), story.credit, money(story.reference))
            for stall, story in told[at]
        ]
    for at in sorted(facts):
        out.feed(at, "facts", SELLER_FACTS, facts[at])
    _write_details(out, market, part)
    for stall, story, _filed in part:
        for one in story.breaches:
            row = (
                one.code, stall.code, one.item, one.category, one.severity, one.points,
                one.penalised_at, one.penalised_at,
            )  # fmt: skip
            breaches[max(one.told, stall.known_at)].append((*row, True))
            if one.mended is not None:
                breaches[one.mended].append((*row, False))
    for at in sorted(breaches):
        out.feed(at, "violations", VIOLATIONS, sorted(breaches[at]))
    _write_carts(out, market, part)
    _write_changes(out, market, part)


def _write_changes(out: Folder, market: Market, part: Part) -> None:
    """What shops turn to mainly selling, and why."""
    changes = defaultdict(list)
    for stall, story, _filed in part:
        if story.category is not None:
            at, category, cause = story.category
            changes[at].append((stall.code, category, cause))
    causes = defaultdict(list)
    for at in sorted(changes):
        out.feed(at, "sellers", ("code", "main_category"), [row[:2] for row in changes[at]])
        arriving = _arriving(market, at, 20)
        causes[arriving] += [(code, cause) for code, _category, cause in changes[at]]
    for at in sorted(causes):
        out.feed(at, "facts", ("seller", "seller.main_category_change"), causes[at])


def _write_details(out: Folder, market: Market, part: Part) -> None:
    """Which items have a detail page for phones; of the items that are filed."""
    rows: dict[datetime, list[tuple]] = defaultdict(list)
    for stall, _story, filed in part:
        listed = {ware.code: ware.listed_at for ware in stall.wares}
        codes = {code for upload in filed.uploads for code, _price in upload.lines}
        for code in sorted(codes):
            at = market.calendar.facts_known + timedelta(hours=5)
            if listed[code] > market.calendar.facts_known:
                at = datetime.combine(listed[code].date(), datetime.min.time())
                at += timedelta(days=1, hours=1)
            rows[at].append((code, not market.draws("detail", code).percent(10)))
    arriving = defaultdict(list)
    for at in sorted(rows):
        arriving[_arriving(market, at, 30)] += rows[at]
    for at in sorted(arriving):
        out.feed(at, "facts", ("item", "item.has_mobile_detail"), arriving[at])


def _write_carts(out: Folder, market: Market, part: Part) -> None:
    """Every enrolled shop's best item gets a day's share of what its carts come to."""
    calendar = market.calendar
    days = range(calendar.CARTS, calendar.LIVE_DAY)
    for day in days:
        rows = []
        for _stall, story, filed in part:
            if not story.enrols:
                continue
            item = filed.uploads[0].lines[0][0]
            share = 130 if story.reaches else 60
            rows.append((item, calendar.at(day, 12), money(story.reference * share // 1000)))
        out.feed(calendar.at(day + 1, 0, 30), "carts", CARTS, rows)


def _write_uploads(out: Folder, part: Part) -> dict[str, int]:
    index, lines = [], 0
    for stall, _story, filed in part:
        for upload in filed.uploads:
            path = f"uploads/{stall.code[:40]}/{upload.at:%Y%m%d%H%M%S}-{upload.venue}.csv"
            rows = [(item, money(price)) for item, price in upload.lines]
            lines += out.table(path, ("item", "price"), rows)
            index.append((upload.at, stall.code, upload.venue, path, len(rows)))
    out.plan("uploads", UPLOADS, sorted(index))
    return {"uploads": len(index), "filed lines": lines}


def _write_imports(out: Folder, market: Market, part: Part) -> None:
    calendar, index = market.calendar, []

    def add(at: datetime, what: str, target: str, columns: tuple, rows: list) -> None:
        if rows:
            path = f"imports/{at:%Y%m%d%H%M}-{what}.csv"
            out.table(path, columns, rows)
            index.append((at, what, target, path))

    tools: dict[datetime, list[tuple]] = defaultdict(list)
    for stall, story, _filed in part:
        for at, code, state in story.tools:
            tools[at.replace(minute=0, second=0) + timedelta(hours=1)].append(
                (stall.code, code, state, at)
            )
    # What the tools' own system exports comes at noon and at midnight.
    batches: dict[datetime, list[tuple]] = defaultdict(list)
    for at in tools:
        batches[_half_day(at)] += tools[at]
    for at in sorted(batches):
        rows = sorted(batches[at], key=lambda row: (row[3], row[0], row[1]))
        add(at, "tools", "", ("seller", "tool", "state", "at"), rows)
    for day in calendar.EXAMS:
        rows = [
            (stall.code, story.exam)
            for stall, story, _filed in part
            if story.exam and story.exam_day == day
        ]
        add(calendar.at(day, 9), "exam", "notice_exam", ("seller", "result"), rows)
    for number, day in enumerate(calendar.INVITED):
        rows = [
            (stall.code, item) for stall, _story, filed in part for item in filed.invited[number]
        ]
        add(calendar.at(day, 9, 30), "invitations", "outer", ("seller", "item"), rows)
    out.plan("imports", IMPORTS, sorted(index))


def _half_day(at: datetime) -> datetime:
    noon = at.replace(hour=12, minute=15)
    return noon if at <= noon else noon + timedelta(hours=12)


def _acts(market: Market, part: Part) -> list[tuple]:
    found, calendar = [], market.calendar
    for stall, story, _filed in part:
        found.append((story.joins_at, stall.code, "join", ""))
        if story.applies_at is not None:
            found.append((story.applies_at, stall.code, "apply", "preselection"))
        if story.enrols:
            draws = market.draws("enrols", stall.code)
            at = calendar.at(-5, 10) + timedelta(seconds=draws.between(0, 36000))
            found.append((at, stall.code, "enrol", "cart_incentive"))
    return found


def _logins(part: Part) -> list[tuple]:
    """The shop that files in most kinds of venues, and the one in the middle."""

    def kinds(filed: Filed) -> int:
        return len({upload.venue for upload in filed.uploads})

    ranked = sorted(part, key=lambda row: (-kinds(row[2]), row[0].code))
    if not ranked:
        return []
    return [("seller", ranked[0][0].code), ("seller2", ranked[len(ranked) // 2][0].code)]
