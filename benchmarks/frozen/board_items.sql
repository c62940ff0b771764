-- A board of items of each industry by hand; an item has one entry in the venue.
INSERT INTO plain_board_row (
    board_id, "group", place, seller_id, item_id, entry_id, filed_at, input_1, input_2
)
SELECT (SELECT max(id) FROM campaigns_board WHERE race_code = 'items'), i.industry,
    row_number() OVER (
        PARTITION BY i.industry
        ORDER BY COALESCE(h.paid_amount - h.abnormal_amount, 0) DESC,
            COALESCE(h.cart_amount, 0) DESC, e.submitted_at, e.seller_id, e.item_id
    ),
    e.seller_id, e.item_id, e.id, e.submitted_at,
    COALESCE(h.paid_amount - h.abnormal_amount, 0), COALESCE(h.cart_amount, 0)
FROM campaigns_entry e
JOIN sellers_item i ON i.id = e.item_id
LEFT JOIN sellers_itemhour h ON h.item_id = e.item_id AND h.hour = '2023-05-16 17:00:00'
WHERE e.campaign_id = (SELECT id FROM campaigns_campaign WHERE code = 'bench')
    AND e.venue_id = (SELECT id FROM campaigns_venue WHERE code = 'main')
    AND e.status IN ('approved', 'at_risk');
