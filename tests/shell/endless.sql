-- Rows without end, faster than anybody reads them (scripts/evidence memory).
CREATE TABLE datagen (
    event_type INT,
    bid ROW<auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING,
            `dateTime` TIMESTAMP(3), extra STRING>
) WITH ('connector' = 'nexmark', 'first-event.rate' = '1000', 'next-event.rate' = '1000');

SELECT bid.auction, bid.price, bid.url, bid.extra FROM datagen WHERE event_type = 2;
