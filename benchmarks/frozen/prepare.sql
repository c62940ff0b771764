-- Plain typed tables, as someone would write them who needs these twelve checks and nothing else.
CREATE TABLE plain_seller AS
SELECT id, shop_type, marketing_rules_ok, dingtalk_activated, dingtalk_by_main_account,
       dingtalk_bound, one_click_closed, CAST(0 AS bigint) AS paid_30d
FROM sellers_seller;
CREATE UNIQUE INDEX plain_seller_id ON plain_seller (id);
CREATE TABLE plain_item AS
SELECT id, seller_id, category_id, list_price, stock, first_listed_at, ship_time_hours,
       on_stock_list, weight_kg, CAST(0 AS bigint) AS sold_30d
FROM sellers_item;
CREATE UNIQUE INDEX plain_item_id ON plain_item (id);
CREATE TABLE plain_entry AS
SELECT id, 1 AS campaign_id, venue_id, seller_id, item_id, status, revision, activity_price, list_source,
       status AS previous, CAST(0 AS bigint) AS move_id
FROM campaigns_entry;
CREATE UNIQUE INDEX plain_entry_id ON plain_entry (id);
CREATE INDEX plain_entry_item ON plain_entry (campaign_id, item_id);
CREATE INDEX plain_entry_status ON plain_entry (campaign_id, status, id);
CREATE TABLE plain_item_day AS SELECT item_id, day, quantity, paid_amount FROM sellers_itemday;
CREATE UNIQUE INDEX plain_item_day_key ON plain_item_day (item_id, day);
CREATE TABLE plain_seller_day AS SELECT seller_id, day, quantity, paid_amount FROM sellers_sellerday;
CREATE UNIQUE INDEX plain_seller_day_key ON plain_seller_day (seller_id, day);
CREATE TABLE plain_claim AS SELECT scope, subject_id, entry_id FROM campaigns_claim;
CREATE UNIQUE INDEX plain_claim_key ON plain_claim (scope, subject_id);
CREATE INDEX plain_claim_entry ON plain_claim (entry_id);
CREATE TABLE plain_hit (entry_id bigint PRIMARY KEY, fails bigint NOT NULL);
CREATE TABLE plain_item_stat (item_id bigint PRIMARY KEY, sold_30d bigint NOT NULL);
CREATE TABLE plain_seller_stat (seller_id bigint PRIMARY KEY, paid_30d bigint NOT NULL);
CREATE TABLE plain_finding (
    entry_id bigint NOT NULL, requirement integer NOT NULL, action varchar(12) NOT NULL
);
CREATE INDEX plain_finding_requirement ON plain_finding (requirement, entry_id);
CREATE INDEX plain_finding_entry ON plain_finding (entry_id);
CREATE TABLE plain_ground (
    entry_id bigint NOT NULL, requirement integer NOT NULL, metric varchar(80) NOT NULL,
    measured varchar(200), comparator varchar(12) NOT NULL, threshold varchar(200)
);
CREATE INDEX plain_ground_entry ON plain_ground (entry_id);
CREATE TABLE plain_history (
    entry_id bigint NOT NULL, from_status varchar(12) NOT NULL, to_status varchar(12) NOT NULL,
    reason varchar(80) NOT NULL
);
CREATE INDEX plain_history_entry ON plain_history (entry_id);
CREATE TABLE plain_notice (seller_id bigint NOT NULL, cause varchar(40) NOT NULL);
CREATE UNIQUE INDEX plain_notice_key ON plain_notice (seller_id, cause);
CREATE TABLE plain_notice_line (seller_id bigint NOT NULL, entry_id bigint NOT NULL);
CREATE INDEX plain_notice_line_entry ON plain_notice_line (entry_id);
UPDATE plain_seller SET paid_30d = COALESCE(
    (SELECT sum(paid_amount) FROM plain_seller_day d WHERE d.seller_id = plain_seller.id), 0);
UPDATE plain_item SET sold_30d = COALESCE(
    (SELECT sum(quantity) FROM plain_item_day d WHERE d.item_id = plain_item.id), 0);
ANALYZE;
