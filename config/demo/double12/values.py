"""Puts a marketplace's own values where the library's rulebook has examples."""

import yaml

from config.marketplaces.double12.venues import Own

LISTS = {"volatile": "volatile", "stock_exempt": "stock_exempt", "womens_categories": "womens"}
# Tables of categories and venues, with what stands before the name of a branch there.
BRANCHES = {"home_branch": "", "affiliate_branch": "affiliate_"}


def with_own(text: str, own: Own) -> str:
    """Return the rulebook's text with these values: category lists, the branches' standards of
    stock and sales, the scores that invited shops need (D12-038, 056, 060, 061, 082), and which
    branch a category is of (D12-131, 137)."""
    book = yaml.safe_load(text)
    for row in book["lists"]:
        if row["code"] in LISTS:
            row["values"] = list(getattr(own, LISTS[row["code"]]))
    standards = {"branch_stock": own.stock, "branch_sales": own.sales}
    for table in book["tables"]:
        if table["code"] in standards:
            for row in table["rows"]:
                row["value"] = standards[table["code"]]
        if table["code"] in BRANCHES:
            table["rows"] = [
                {"keys": [category], "value": BRANCHES[table["code"]] + branch}
                for category, branch in sorted(own.branches.items())
            ]
    for row in book["requirements"]:
        if row["code"] == "D12-082":
            row["require"]["all"] = [
                ["seller.operating_score", ">=", float(own.operating)],
                ["seller.service_score", ">=", float(own.service)],
            ]
    return yaml.safe_dump(book, allow_unicode=True, sort_keys=False, width=100)
