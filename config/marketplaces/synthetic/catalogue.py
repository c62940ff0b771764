"""What the synthetic marketplace sells: two levels of categories and the names of goods."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Leaf:
    """A category that items belong to.

    `price` is the median list price in cents, `ship_hours` the shipping time that sellers usually
    set, `grams` and `litres` a usual parcel, `share` how much of the marketplace it is, `goods`
    pairs of an English and a Chinese name.
    """

    code: str
    root: str
    name: str
    name_zh: str
    price: int
    share: int
    goods: tuple[tuple[str, str], ...]
    ship_hours: int = 48
    grams: int = 400
    litres: int = 2


ROOTS = {
    "women": ("Women's clothing", "女装"),
    "men": ("Men's clothing", "男装"),
    "underwear": ("Underwear", "内衣"),
    "shoes": ("Shoes", "鞋靴"),
    "bags": ("Bags", "箱包"),
    "jewellery": ("Jewellery", "珠宝饰品"),
    "watches": ("Watches", "手表"),
    "beauty": ("Beauty", "美妆"),
    "flowers": ("Flowers", "鲜花"),
    "gifts": ("Gifts", "礼品"),
    "digital": ("Digital", "数码"),
    "home": ("Home", "家居"),
    "furniture": ("Furniture", "家具"),
    "appliances": ("Small appliances", "小家电"),
    "food": ("Food", "食品"),
    "global_purchase": ("Global purchase", "全球购"),
    "virtual": ("Virtual goods", "虚拟商品"),
}

LEAVES = (
    Leaf("dresses", "women", "Dresses", "连衣裙", 19900, 9,
         (("tea dress", "茶歇裙"), ("slip dress", "吊带裙"), ("lace dress", "蕾丝连衣裙"))),
    Leaf("tops", "women", "Tops", "上衣", 9900, 7,
         (("blouse", "雪纺衫"), ("knit top", "针织衫"), ("T-shirt", "T恤"))),
    Leaf("skirts", "women", "Skirts", "半身裙", 12900, 5,
         (("pleated skirt", "百褶裙"), ("A-line skirt", "A字裙"))),
    Leaf("shirts", "men", "Shirts", "衬衫", 13900, 5,
         (("Oxford shirt", "牛津纺衬衫"), ("linen shirt", "亚麻衬衫"))),
    Leaf("trousers", "men", "Trousers", "长裤", 15900, 4,
         (("chinos", "休闲裤"), ("suit trousers", "西裤"))),
    Leaf("jackets", "men", "Jackets", "夹克", 25900, 3,
         (("bomber jacket", "飞行员夹克"), ("denim jacket", "牛仔夹克"))),
    Leaf("lingerie", "underwear", "Lingerie", "文胸套装", 11900, 3,
         (("bra set", "文胸套装"), ("silk camisole", "真丝吊带"))),
    Leaf("pyjamas", "underwear", "Pyjamas", "睡衣", 12900, 3,
         (("couple's pyjamas", "情侣睡衣"), ("nightdress", "睡裙"))),
    Leaf("socks", "underwear", "Socks", "袜子", 2900, 2, (("socks, five pairs", "袜子五双装"),), grams=150),
    Leaf("sneakers", "shoes", "Sneakers", "运动鞋", 23900, 5,
         (("white sneakers", "小白鞋"), ("running shoes", "跑步鞋")), grams=900, litres=9),
    Leaf("heels", "shoes", "Heels", "高跟鞋", 26900, 3,
         (("pumps", "高跟单鞋"), ("slingback heels", "后空高跟鞋")), grams=800, litres=8),
    Leaf("sandals", "shoes", "Sandals", "凉鞋", 15900, 3,
         (("strappy sandals", "绑带凉鞋"), ("slippers", "凉拖")), grams=600, litres=7),
    Leaf("handbags", "bags", "Handbags", "手提包", 32900, 4,
         (("tote", "托特包"), ("crossbody bag", "斜挎包")), grams=900, litres=10),
    Leaf("backpacks", "bags", "Backpacks", "双肩包", 19900, 2,
         (("commuter backpack", "通勤双肩包"),), grams=1100, litres=18),
    Leaf("wallets", "bags", "Wallets", "钱包", 16900, 2, (("card holder", "卡包"), ("long wallet", "长款钱包"))),
    Leaf("silver_jewellery", "jewellery", "Silver jewellery", "银饰", 29900, 4,
         (("silver necklace", "银项链"), ("silver ring", "银戒指"), ("silver bangle", "银手镯")), grams=80),
    Leaf("fashion_jewellery", "jewellery", "Fashion jewellery", "时尚饰品", 6900, 4,
         (("earrings", "耳环"), ("pearl bracelet", "珍珠手链")), grams=60),
    Leaf("gold_jewellery", "jewellery", "Gold jewellery", "黄金首饰", 239900, 2,
         (("gold pendant", "黄金吊坠"), ("gold bead", "黄金转运珠")), grams=60),
    Leaf("wrist_watches", "watches", "Wrist watches", "腕表", 89900, 2,
         (("quartz watch", "石英表"), ("couple's watches", "情侣对表"))),
    Leaf("smart_watches", "watches", "Smart watches", "智能手表", 69900, 1, (("smart watch", "智能手表"),)),
    Leaf("skincare", "beauty", "Skin care", "护肤", 18900, 5,
         (("serum", "精华液"), ("moisturiser", "面霜"), ("mask box", "面膜礼盒"))),
    Leaf("makeup", "beauty", "Make-up", "彩妆", 12900, 4,
         (("lipstick", "口红"), ("eyeshadow palette", "眼影盘"), ("cushion foundation", "气垫粉底"))),
    Leaf("perfume", "beauty", "Perfume", "香水", 29900, 3,
         (("eau de parfum", "女士香水"), ("solid perfume", "香膏"))),
    Leaf("fresh_flowers", "flowers", "Fresh flowers", "鲜花速递", 16800, 3,
         (("rose bouquet", "玫瑰花束"), ("sunflower bouquet", "向日葵花束")), 24, 1500, 20),
    Leaf("preserved_flowers", "flowers", "Preserved flowers", "永生花", 25900, 3,
         (("everlasting rose", "永生玫瑰"), ("flower dome", "永生花罩")), 48, 900, 8),
    Leaf("gift_boxes", "gifts", "Gift boxes", "礼盒", 15900, 3,
         (("surprise box", "惊喜礼盒"), ("keepsake box", "纪念礼盒"))),
    Leaf("plush_toys", "gifts", "Plush toys", "毛绒玩具", 8900, 3,
         (("teddy bear", "泰迪熊"), ("bunny", "安抚兔"))),
    Leaf("custom_gifts", "gifts", "Made to order", "定制礼物", 13900, 2,
         (("engraved lamp", "刻字小夜灯"), ("photo album", "定制相册")), 168),
    Leaf("headphones", "digital", "Headphones", "耳机", 29900, 3,
         (("earbuds", "蓝牙耳机"), ("over-ear headphones", "头戴耳机"))),
    Leaf("phone_accessories", "digital", "Phone accessories", "手机配件", 4900, 4,
         (("phone case", "手机壳"), ("power bank", "充电宝")), grams=200),
    Leaf("cameras", "digital", "Cameras", "相机", 59900, 1, (("instant camera", "拍立得"),), grams=900),
    Leaf("bedding", "home", "Bedding", "床上用品", 25900, 3,
         (("four-piece bedding set", "四件套"), ("silk quilt", "蚕丝被")), 48, 3500, 30),
    Leaf("candles", "home", "Candles", "香薰蜡烛", 9900, 2, (("scented candle", "香薰蜡烛"),), grams=700),
    Leaf("kitchenware", "home", "Kitchenware", "厨具", 12900, 3,
         (("couple's mugs", "情侣对杯"), ("tea set", "茶具"))),
    Leaf("sofas", "furniture", "Sofas", "沙发", 199900, 1,
         (("loveseat", "双人沙发"), ("armchair", "单人沙发")), 120, 38000, 900),
    Leaf("mattresses", "furniture", "Mattresses", "床垫", 149900, 1,
         (("latex mattress", "乳胶床垫"),), 120, 28000, 420),
    Leaf("lamps", "furniture", "Lamps", "灯具", 19900, 1, (("floor lamp", "落地灯"),), 48, 4000, 40),
    Leaf("hair_care_appliances", "appliances", "Hair care", "美发电器", 26900, 2,
         (("hair dryer", "吹风机"), ("curling iron", "卷发棒")), grams=1200),
    Leaf("coffee_makers", "appliances", "Coffee makers", "咖啡机", 39900, 1,
         (("capsule coffee maker", "胶囊咖啡机"),), 48, 5000, 25),
    Leaf("chocolates", "food", "Chocolates", "巧克力", 9900, 3,
         (("chocolate box", "巧克力礼盒"), ("truffles", "松露巧克力"))),
    Leaf("tea", "food", "Tea", "茶叶", 16900, 2, (("Longjing tea", "龙井茶"), ("rose tea", "玫瑰花茶"))),
    Leaf("snacks", "food", "Snacks", "零食", 5900, 3, (("snack box", "零食大礼包"), ("nuts", "每日坚果"))),
    Leaf("imported_beauty", "global_purchase", "Imported beauty", "进口美妆", 35900, 2,
         (("imported cream", "进口面霜"), ("imported perfume", "进口香水")), 120),
    Leaf("imported_food", "global_purchase", "Imported food", "进口食品", 12900, 1,
         (("imported biscuits", "进口饼干"),), 120),
    Leaf("prepaid_cards", "virtual", "Prepaid cards", "充值卡", 10000, 1, (("prepaid card", "充值卡"),), grams=0, litres=0),
    Leaf("game_credits", "virtual", "Game credits", "游戏点卡", 6000, 1, (("game credits", "游戏点卡"),), grams=0, litres=0),
)  # fmt: skip

LEAF = {leaf.code: leaf for leaf in LEAVES}

STYLES = (
    ("Rose", "玫瑰"), ("Moonlight", "月光"), ("Cloud", "云朵"), ("Jade", "青玉"), ("Peach", "蜜桃"),
    ("Starry", "星空"), ("Classic", "经典"), ("Ivory", "象牙白"), ("Cherry", "樱桃"), ("Mist", "薄雾"),
    ("Vintage", "复古"), ("Coral", "珊瑚"), ("Velvet", "丝绒"), ("Honey", "蜂蜜"), ("Midnight", "午夜"),
    ("Lilac", "丁香"), ("Amber", "琥珀"), ("Garden", "花园"), ("Azure", "天青"), ("Snow", "初雪"),
)  # fmt: skip

EDITIONS = (
    ("", ""), ("520 edition", "520限定"), ("gift set", "礼盒装"), ("new", "新款"), ("light", "轻盈款"),
    ("large", "大号"), ("small", "小号"), ("deluxe", "豪华款"),
)  # fmt: skip

SHOP_FIRST = (
    ("Plum", "梅"), ("Orchid", "兰"), ("Bamboo", "竹"), ("Lotus", "荷"), ("River", "江南"), ("Cloud", "云"),
    ("Sunny", "晴天"), ("Little Deer", "小鹿"), ("Willow", "柳"), ("Pear Blossom", "梨花"), ("North", "北方"),
    ("Old Town", "古镇"), ("Paper Crane", "纸鹤"), ("Green Hill", "青山"), ("Swan", "天鹅"), ("Maple", "枫"),
    ("Harbour", "海港"), ("Firefly", "萤火"), ("Juniper", "杜松"), ("Red Bean", "红豆"), ("Silk Road", "丝路"),
    ("Nine", "九号"), ("Spring", "春天"), ("Whale", "鲸"), ("Apricot", "杏"),
)  # fmt: skip

SHOP_SECOND = (
    ("Studio", "工作室"), ("House", "之家"), ("Workshop", "工坊"), ("Boutique", "精品店"), ("Store", "小铺"),
    ("Selection", "优选"), ("Atelier", "手作"), ("Corner", "角落"), ("Trading", "商行"), ("Lane", "小巷"),
)  # fmt: skip

REGIONS = (
    ("guangdong", 13), ("zhejiang", 11), ("jiangsu", 11), ("shanghai", 7), ("beijing", 6), ("shandong", 8),
    ("sichuan", 7), ("henan", 7), ("hubei", 6), ("hunan", 5), ("fujian", 5), ("anhui", 4), ("hebei", 4),
    ("liaoning", 3), ("shaanxi", 3), ("yunnan", 2), ("guangxi", 2), ("inner_mongolia", 1), ("gansu", 1),
    ("qinghai", 1), ("ningxia", 1), ("xinjiang", 1), ("tibet", 1),
)  # fmt: skip
