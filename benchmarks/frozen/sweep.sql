-- The whole night by hand: refresh, evaluate, findings with grounds, moves, history, notices.
INSERT INTO plain_item_stat (item_id, sold_30d)
SELECT e.item_id, COALESCE(sum(d.quantity), 0)
FROM plain_entry e
LEFT JOIN plain_item_day d
    ON d.item_id = e.item_id AND d.day >= '2023-04-17' AND d.day < '2023-05-17'
WHERE e.campaign_id = 1 AND e.status IN ('approved', 'at_risk', 'abnormal', 'unpublished')
GROUP BY e.item_id;

INSERT INTO plain_seller_stat (seller_id, paid_30d)
SELECT s.id, COALESCE(sum(d.paid_amount), 0)
FROM plain_seller s
LEFT JOIN plain_seller_day d
    ON d.seller_id = s.id AND d.day >= '2023-04-17' AND d.day < '2023-05-17'
GROUP BY s.id;

INSERT INTO plain_hit (entry_id, fails)
SELECT e.id,
    CASE WHEN COALESCE(s.shop_type = 'marketplace', FALSE) THEN 0 ELSE 1 END
  + CASE WHEN COALESCE(s.marketing_rules_ok, FALSE) THEN 0 ELSE 2 END
  + CASE WHEN COALESCE((s.dingtalk_activated AND s.dingtalk_by_main_account) OR s.dingtalk_bound, FALSE) THEN 0 ELSE 4 END
  + CASE WHEN COALESCE(NOT s.one_click_closed, TRUE) THEN 0 ELSE 8 END
  + CASE WHEN ss.paid_30d >= 100000 THEN 0 ELSE 16 END
  + CASE WHEN COALESCE(i.stock >= 100, FALSE) THEN 0 ELSE 32 END
  + CASE WHEN COALESCE(i.ship_time_hours <= CASE WHEN c.code = 'c7' THEN 72 ELSE 48 END, FALSE) THEN 0 ELSE 64 END
  + CASE WHEN COALESCE(i.on_stock_list, FALSE) THEN 0 ELSE 128 END
  + CASE WHEN COALESCE(i.weight_kg <= 20000, TRUE) THEN 0 ELSE 256 END
  + CASE WHEN COALESCE(e.activity_price * 100 <= i.list_price * 95, FALSE) THEN 0 ELSE 512 END
  + CASE WHEN COALESCE(e.list_source = 'stock_list', FALSE) THEN 0 ELSE 1024 END
  + CASE WHEN COALESCE(NOT (i.first_listed_at < '2023-04-16 16:00:00') OR st.sold_30d >= 1, FALSE) THEN 0 ELSE 2048 END
FROM plain_entry e
JOIN plain_item i ON i.id = e.item_id
JOIN plain_seller s ON s.id = e.seller_id
LEFT JOIN sellers_category c ON c.id = i.category_id
LEFT JOIN plain_item_stat st ON st.item_id = e.item_id
LEFT JOIN plain_seller_stat ss ON ss.seller_id = e.seller_id
WHERE e.campaign_id = 1 AND e.status IN ('approved', 'at_risk', 'abnormal', 'unpublished')
AND NOT (
    COALESCE(s.shop_type = 'marketplace', FALSE)
    AND COALESCE(s.marketing_rules_ok, FALSE)
    AND COALESCE((s.dingtalk_activated AND s.dingtalk_by_main_account) OR s.dingtalk_bound, FALSE)
    AND COALESCE(NOT s.one_click_closed, TRUE)
    AND COALESCE(ss.paid_30d >= 100000, FALSE)
    AND COALESCE(i.stock >= 100, FALSE)
    AND COALESCE(i.ship_time_hours <= CASE WHEN c.code = 'c7' THEN 72 ELSE 48 END, FALSE)
    AND COALESCE(i.on_stock_list, FALSE)
    AND COALESCE(i.weight_kg <= 20000, TRUE)
    AND COALESCE(e.activity_price * 100 <= i.list_price * 95, FALSE)
    AND COALESCE(e.list_source = 'stock_list', FALSE)
    AND COALESCE(NOT (i.first_listed_at < '2023-04-16 16:00:00') OR st.sold_30d >= 1, FALSE)
);

INSERT INTO plain_finding (entry_id, requirement, action)
SELECT h.entry_id, r.number, CASE WHEN r.number = 7 THEN 'abnormal' ELSE 'clear_out' END
FROM plain_hit h
JOIN (
    SELECT 1 AS number, 1 AS bit UNION ALL SELECT 2, 2 UNION ALL SELECT 3, 4
    UNION ALL SELECT 4, 8 UNION ALL SELECT 5, 16 UNION ALL SELECT 6, 32 UNION ALL SELECT 7, 64
    UNION ALL SELECT 8, 128 UNION ALL SELECT 9, 256 UNION ALL SELECT 10, 512
    UNION ALL SELECT 11, 1024 UNION ALL SELECT 12, 2048
) r ON (h.fails & r.bit) <> 0;

INSERT INTO plain_ground (entry_id, requirement, metric, measured, comparator, threshold)
SELECT f.entry_id, f.requirement,
    CASE f.requirement WHEN 1 THEN 'seller.shop_type' WHEN 2 THEN 'seller.marketing_rules_ok'
        WHEN 3 THEN 'seller.dingtalk_activated' WHEN 4 THEN 'seller.one_click_closed'
        WHEN 5 THEN 'seller.paid_30d' WHEN 6 THEN 'item.stock' WHEN 7 THEN 'item.ship_time_hours'
        WHEN 8 THEN 'item.on_stock_list' WHEN 9 THEN 'item.weight_kg'
        WHEN 10 THEN 'entry.activity_price' WHEN 11 THEN 'entry.list_source'
        ELSE 'item.sold_qty_30d' END,
    CASE f.requirement WHEN 1 THEN s.shop_type WHEN 5 THEN CAST(ss.paid_30d AS varchar(200))
        WHEN 6 THEN CAST(i.stock AS varchar(200)) WHEN 7 THEN CAST(i.ship_time_hours AS varchar(200))
        WHEN 9 THEN CAST(i.weight_kg AS varchar(200))
        WHEN 10 THEN CAST(e.activity_price AS varchar(200)) WHEN 11 THEN e.list_source
        WHEN 12 THEN CAST(st.sold_30d AS varchar(200)) ELSE 'false' END,
    CASE WHEN f.requirement IN (5, 6, 12) THEN '>=' WHEN f.requirement IN (7, 9, 10) THEN '<=' ELSE '==' END,
    CASE f.requirement WHEN 1 THEN 'marketplace' WHEN 5 THEN '1000' WHEN 6 THEN '100'
        WHEN 7 THEN '48' WHEN 9 THEN '20.000' WHEN 10 THEN CAST(i.list_price * 95 / 100 AS varchar(200))
        WHEN 11 THEN 'stock_list' WHEN 12 THEN '1' ELSE 'true' END
FROM plain_finding f
JOIN plain_entry e ON e.id = f.entry_id
JOIN plain_item i ON i.id = e.item_id
JOIN plain_seller s ON s.id = e.seller_id
LEFT JOIN plain_item_stat st ON st.item_id = e.item_id
LEFT JOIN plain_seller_stat ss ON ss.seller_id = e.seller_id;

UPDATE plain_entry SET previous = status, move_id = 1,
    status = (SELECT CASE WHEN h.fails = 64 THEN 'abnormal' ELSE 'cleared_out' END
              FROM plain_hit h WHERE h.entry_id = plain_entry.id)
WHERE id IN (SELECT entry_id FROM plain_hit);

INSERT INTO plain_history (entry_id, from_status, to_status, reason)
SELECT id, previous, status, 'recheck' FROM plain_entry WHERE move_id = 1;

DELETE FROM plain_claim
WHERE entry_id IN (SELECT id FROM plain_entry WHERE move_id = 1 AND status = 'cleared_out');

INSERT INTO plain_notice (seller_id, cause)
SELECT DISTINCT seller_id, status FROM plain_entry WHERE move_id = 1;

INSERT INTO plain_notice_line (seller_id, entry_id)
SELECT seller_id, id FROM plain_entry WHERE move_id = 1;
