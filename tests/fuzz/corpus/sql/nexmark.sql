-- Queries of the shapes that the Nexmark suite uses, in Leat's own words.
CREATE TABLE events (
    kind INT,
    buyer ROW<id BIGINT, full_name VARCHAR, city VARCHAR, at TIMESTAMP(3)>,
    offer ROW<
        item BIGINT, who BIGINT,
        price BIGINT, channel VARCHAR, at TIMESTAMP(3)>,
    at AS
        CASE
            WHEN kind = 0 THEN buyer.at
            ELSE offer.at
        END,
    WATERMARK FOR at AS at - INTERVAL '4' SECOND
) WITH (
    'connector' = 'nexmark',
    'first-event.rate' = '1000'
);
CREATE VIEW offer AS SELECT offer.item, offer.price, at, offer.channel FROM events WHERE kind = 2;
CREATE TABLE side (key BIGINT, `value` VARCHAR) WITH ('connector.type' = 'filesystem', 'connector.path' = 'file:///side.txt', 'format.type' = 'csv');
CREATE TABLE out_q10 (a BIGINT, dt STRING, hm STRING) PARTITIONED BY (dt, hm) WITH ('connector' = 'filesystem', 'path' = 'file:///x', 'format' = 'csv', 'sink.partition-commit.trigger' = 'partition-time', 'partition.time-extractor.timestamp-pattern' = '$dt $hm:00');
INSERT INTO out_q0 SELECT item, 0.908 * price as price FROM offer WHERE MOD(item, 123) = 0;
INSERT INTO out_q5
SELECT hot.item, hot.num FROM (
    SELECT item, count(*) AS num, window_start AS starttime, window_end AS endtime
    FROM TABLE(
            HOP(TABLE offer, DESCRIPTOR(at), INTERVAL '2' SECOND, INTERVAL '10' SECOND))
    GROUP BY item, window_start, window_end) AS hot
JOIN (SELECT max(c.num) AS maxn, c.starttime, c.endtime FROM (SELECT 1) AS c GROUP BY c.starttime, c.endtime) AS top
ON hot.starttime = top.starttime AND
   hot.endtime = top.endtime AND hot.num >= top.maxn;
INSERT INTO out_q6 SELECT q.seller, AVG(q.price) OVER (PARTITION BY q.seller ORDER BY q.at ROWS BETWEEN 10 PRECEDING AND CURRENT ROW)
FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY a.id, a.seller ORDER BY b.price DESC) AS rownum FROM (SELECT a.id FROM auction AS a, offer AS b WHERE a.id = b.item and b.at between a.at and a.expires) WHERE rownum <= 1) AS q;
INSERT INTO out_q7 SELECT b.price FROM offer b JOIN (SELECT MAX(price) AS maxprice, window_end as at FROM TABLE(TUMBLE(TABLE offer, DESCRIPTOR(at), INTERVAL '10' SECOND)) GROUP BY window_start, window_end) b1 ON b.price = b1.maxprice WHERE b.at BETWEEN b1.at - INTERVAL '10' SECOND AND b1.at;
INSERT INTO out_q11 SELECT b.who, count(*) as n, SESSION_START(b.at, INTERVAL '10' SECOND) as starttime FROM offer b GROUP BY b.who, SESSION(b.at, INTERVAL '10' SECOND);
INSERT INTO out_q13 SELECT b.item, s.`value` FROM (SELECT *, PROCTIME() as p_time FROM offer) b JOIN side FOR SYSTEM_TIME AS OF b.p_time AS s ON mod(b.item, 10000) = s.key;
CREATE FUNCTION count_char AS 'com.example.CountChar';
INSERT INTO out_q15 SELECT DATE_FORMAT(at, 'yyyy-MM-dd') as `day`, count(*) filter (where price < 10000) AS low, count(distinct who) filter (where price >= 10000 and price < 1000000) AS high FROM offer GROUP BY DATE_FORMAT(at, 'yyyy-MM-dd');
INSERT INTO out_q21 SELECT item, CASE WHEN lower(channel) = 'apple' THEN '0' ELSE REGEXP_EXTRACT(url, '(&|^)channel_id=([^&]*)', 2) END AS channel_id FROM offer where REGEXP_EXTRACT(url, '(&|^)channel_id=([^&]*)', 2) is not null or lower(channel) in ('apple', 'google');
INSERT INTO out_cep SELECT item, who, drop_diff FROM offer MATCH_RECOGNIZE(PARTITION BY item, who ORDER BY at MEASURES C.at AS drop_time, A.price - C.price AS drop_diff ONE ROW PER MATCH AFTER MATCH SKIP PAST LAST ROW PATTERN (A B* C) WITHIN INTERVAL '5' SECOND DEFINE B AS B.price > A.price - 50, C AS C.price < A.price - 50);
