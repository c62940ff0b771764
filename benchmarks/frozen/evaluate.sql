-- Which live entries fail which of the twelve requirements; the statistics are columns already.
INSERT INTO plain_hit (entry_id, fails)
SELECT e.id,
    CASE WHEN COALESCE(s.shop_type = 'marketplace', FALSE) THEN 0 ELSE 1 END
  + CASE WHEN COALESCE(s.marketing_rules_ok, FALSE) THEN 0 ELSE 2 END
  + CASE WHEN COALESCE((s.dingtalk_activated AND s.dingtalk_by_main_account) OR s.dingtalk_bound, FALSE) THEN 0 ELSE 4 END
  + CASE WHEN COALESCE(NOT s.one_click_closed, TRUE) THEN 0 ELSE 8 END
  + CASE WHEN s.paid_30d >= 100000 THEN 0 ELSE 16 END
  + CASE WHEN COALESCE(i.stock >= 100, FALSE) THEN 0 ELSE 32 END
  + CASE WHEN COALESCE(i.ship_time_hours <= CASE WHEN c.code = 'c7' THEN 72 ELSE 48 END, FALSE) THEN 0 ELSE 64 END
  + CASE WHEN COALESCE(i.on_stock_list, FALSE) THEN 0 ELSE 128 END
  + CASE WHEN COALESCE(i.weight_kg <= 20000, TRUE) THEN 0 ELSE 256 END
  + CASE WHEN COALESCE(e.activity_price * 100 <= i.list_price * 95, FALSE) THEN 0 ELSE 512 END
  + CASE WHEN COALESCE(e.list_source = 'stock_list', FALSE) THEN 0 ELSE 1024 END
  + CASE WHEN COALESCE(NOT (i.first_listed_at < '2023-04-16 16:00:00') OR i.sold_30d >= 1, FALSE) THEN 0 ELSE 2048 END
FROM plain_entry e
JOIN plain_item i ON i.id = e.item_id
JOIN plain_seller s ON s.id = e.seller_id
LEFT JOIN sellers_category c ON c.id = i.category_id
WHERE e.campaign_id = 1 AND e.status IN ('approved', 'at_risk', 'abnormal', 'unpublished')
AND NOT (
    COALESCE(s.shop_type = 'marketplace', FALSE)
    AND COALESCE(s.marketing_rules_ok, FALSE)
    AND COALESCE((s.dingtalk_activated AND s.dingtalk_by_main_account) OR s.dingtalk_bound, FALSE)
    AND COALESCE(NOT s.one_click_closed, TRUE)
    AND s.paid_30d >= 100000
    AND COALESCE(i.stock >= 100, FALSE)
    AND COALESCE(i.ship_time_hours <= CASE WHEN c.code = 'c7' THEN 72 ELSE 48 END, FALSE)
    AND COALESCE(i.on_stock_list, FALSE)
    AND COALESCE(i.weight_kg <= 20000, TRUE)
    AND COALESCE(e.activity_price * 100 <= i.list_price * 95, FALSE)
    AND COALESCE(e.list_source = 'stock_list', FALSE)
    AND COALESCE(NOT (i.first_listed_at < '2023-04-16 16:00:00') OR i.sold_30d >= 1, FALSE)
);
