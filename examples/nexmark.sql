-- Bids per minute and their prices, over the Nexmark generator: an online auction.
CREATE TABLE datagen (
    event_type INT,
    person ROW<id BIGINT, name STRING, emailAddress STRING, creditCard STRING, city STRING,
               state STRING, `dateTime` TIMESTAMP(3), extra STRING>,
    auction ROW<id BIGINT, itemName STRING, description STRING, initialBid BIGINT, reserve BIGINT,
                `dateTime` TIMESTAMP(3), expires TIMESTAMP(3), seller BIGINT, category BIGINT,
                extra STRING>,
    bid ROW<auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING,
            `dateTime` TIMESTAMP(3), extra STRING>,
    `dateTime` AS
        CASE
            WHEN event_type = 0 THEN person.`dateTime`
            WHEN event_type = 1 THEN auction.`dateTime`
            ELSE bid.`dateTime`
        END,
    WATERMARK FOR `dateTime` AS `dateTime` - INTERVAL '4' SECOND
) WITH (
    'connector' = 'nexmark',
    'first-event.rate' = '1000',
    'next-event.rate' = '1000',
    'events.num' = '300000'
);

SELECT
    window_start,
    COUNT(*) AS bids,
    COUNT(DISTINCT bid.bidder) AS bidders,
    MAX(bid.price) AS highest
FROM TUMBLE(TABLE datagen, DESCRIPTOR(`dateTime`), INTERVAL '1' MINUTE)
WHERE event_type = 2
GROUP BY window_start, window_end;
