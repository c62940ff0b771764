-- A board of sellers by hand: who takes part, what the hour before brought, ranked and stored.
INSERT INTO plain_board_row (
    board_id, "group", place, seller_id, entry_id, filed_at, input_1, input_2
)
SELECT (SELECT max(id) FROM campaigns_board WHERE race_code = 'sellers'), '',
    row_number() OVER (
        ORDER BY COALESCE(h.paid_amount - h.abnormal_amount, 0) DESC,
            COALESCE(h.cart_amount, 0) DESC, c.filed_at, c.seller_id
    ),
    c.seller_id, c.entry_id, c.filed_at,
    COALESCE(h.paid_amount - h.abnormal_amount, 0), COALESCE(h.cart_amount, 0)
FROM (
    SELECT seller_id, min(id) AS entry_id, min(submitted_at) AS filed_at
    FROM campaigns_entry
    WHERE campaign_id = (SELECT id FROM campaigns_campaign WHERE code = 'bench')
        AND venue_id = (SELECT id FROM campaigns_venue WHERE code = 'main')
        AND status IN ('approved', 'at_risk')
    GROUP BY seller_id
) c
LEFT JOIN sellers_sellerhour h ON h.seller_id = c.seller_id AND h.hour = '2023-05-16 17:00:00';
