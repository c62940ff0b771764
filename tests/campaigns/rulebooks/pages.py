"""Small rulebook files that tests start from."""

SMALL = """\
schema: 1
campaign:
  code: small
  title: {en: Small, zh-hans: 小活动}
milestones:
  - {code: preheat, kind: preheat, starts: 2023-05-15 00:00:00, ends: 2023-05-16 20:00:00}
  - {code: live, kind: live, starts: 2023-05-16 20:00:00, ends: 2023-05-21 00:00:00}
venues:
  - code: main
lists:
  - {code: fragile, values: [glass, china]}
tables:
  - code: longest
    keys: [item.category]
    type: integer
    unit: hours
    default: 48
    rows:
      - {keys: [flowers], value: 24}
statistics:
  - code: item.sold_qty_30d
    level: item
    function: sum
    source: item_days
    field: quantity
    window: {trailing_days: 30}
requirements:
  - code: R1
    title: {en: Ships soon, zh-hans: 尽快发货}
    subject: item
    require: [item.ship_time_hours, "<=", {table: longest}]
    missing: fail
    stages: {admission: reject, recheck: clear_out}
  - code: R2
    subject: entry
    applies_when: [item.category, in, {list: fragile}]
    require:
      all:
        - [item.sold_qty_30d, ">=", 1]
        - [entry.activity_price, ">", 0.01]
    stages: {admission: reject}
"""


def changed(*replacements: tuple[str, str], text: str = SMALL) -> str:
    """The small file with pieces replaced; each must be there exactly once."""
    for old, new in replacements:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text
