"""What the synthetic marketplace sells (catalogue.csv) and how things are named."""

import csv
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Leaf:
    """A category that items belong to.

    `price` is the median list price in cents, `share` how much of the marketplace it is,
    `ship_hours` the shipping time that its sellers usually set, `grams` and `litres` a usual
    parcel, `goods` pairs of an English and a Chinese name.
    """

    code: str
    root: str
    name: str
    name_zh: str
    price: int
    share: int
    ship_hours: int
    grams: int
    litres: int
    goods: tuple[tuple[str, str], ...]


def _read() -> tuple[dict[str, tuple[str, str]], tuple[Leaf, ...]]:
    """Return the roots (code to names) and the leaves; a row without a root is one."""
    roots, leaves = {}, []
    with Path(__file__).with_name("catalogue.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if not row["root"]:
                roots[row["code"]] = (row["name"], row["name_zh"])
                continue
            numbers = ("price", "share", "ship_hours", "grams", "litres")
            goods = tuple(tuple(one.split("=")) for one in row.pop("goods").split("|"))
            leaves.append(
                Leaf(**{**row, **{name: int(row[name]) for name in numbers}}, goods=goods)
            )
    return roots, tuple(leaves)


ROOTS, LEAVES = _read()
LEAF = {leaf.code: leaf for leaf in LEAVES}

STYLES = (
    ("Rose", "玫瑰"), ("Moonlight", "月光"), ("Cloud", "云朵"), ("Jade", "青玉"),
    ("Peach", "蜜桃"), ("Starry", "星空"), ("Classic", "经典"), ("Ivory", "象牙白"),
    ("Cherry", "樱桃"), ("Mist", "薄雾"), ("Vintage", "复古"), ("Coral", "珊瑚"),
    ("Velvet", "丝绒"), ("Honey", "蜂蜜"), ("Midnight", "午夜"), ("Lilac", "丁香"),
    ("Amber", "琥珀"), ("Garden", "花园"), ("Azure", "天青"), ("Snow", "初雪"),
)  # fmt: skip

EDITIONS = (
    ("", ""), ("520 edition", "520限定"), ("gift set", "礼盒装"), ("new", "新款"),
    ("light", "轻盈款"), ("large", "大号"), ("small", "小号"), ("deluxe", "豪华款"),
)  # fmt: skip

SHOP_FIRST = (
    ("Plum", "梅"), ("Orchid", "兰"), ("Bamboo", "竹"), ("Lotus", "荷"), ("River", "江南"),
    ("Cloud", "云"), ("Sunny", "晴天"), ("Little Deer", "小鹿"), ("Willow", "柳"),
    ("Pear Blossom", "梨花"), ("North", "北方"), ("Old Town", "古镇"), ("Paper Crane", "纸鹤"),
    ("Green Hill", "青山"), ("Swan", "天鹅"), ("Maple", "枫"), ("Harbour", "海港"),
    ("Firefly", "萤火"), ("Juniper", "杜松"), ("Red Bean", "红豆"), ("Silk Road", "丝路"),
    ("Nine", "九号"), ("Spring", "春天"), ("Whale", "鲸"), ("Apricot", "杏"),
)  # fmt: skip

SHOP_SECOND = (
    ("Studio", "工作室"), ("House", "之家"), ("Workshop", "工坊"), ("Boutique", "精品店"),
    ("Store", "小铺"), ("Selection", "优选"), ("Atelier", "手作"), ("Corner", "角落"),
    ("Trading", "商行"), ("Lane", "小巷"),
)  # fmt: skip

REGIONS = (
    ("guangdong", 13), ("zhejiang", 11), ("jiangsu", 11), ("shanghai", 7), ("beijing", 6),
    ("shandong", 8), ("sichuan", 7), ("henan", 7), ("hubei", 6), ("hunan", 5), ("fujian", 5),
    ("anhui", 4), ("hebei", 4), ("liaoning", 3), ("shaanxi", 3), ("yunnan", 2), ("guangxi", 2),
    ("inner_mongolia", 1), ("gansu", 1), ("qinghai", 1), ("ningxia", 1), ("xinjiang", 1),
    ("tibet", 1),
)  # fmt: skip
