-- Taxi passengers of the last day, every hour.
CREATE TABLE taxi (
    `timestamp` TIMESTAMP(3),
    `value` BIGINT,
    WATERMARK FOR `timestamp` AS `timestamp` - INTERVAL '30' MINUTE
) WITH (
    'connector' = 'filesystem',
    'path' = '${DATA}/nab/realKnownCause__nyc_taxi.csv',
    'format' = 'csv',
    'csv.header' = 'true'
);

SELECT window_start, window_end, COUNT(*) AS n, SUM(`value`) AS passengers, MAX(`value`) AS peak
FROM HOP(TABLE taxi, DESCRIPTOR(`timestamp`), INTERVAL '1' HOUR, INTERVAL '1' DAY)
GROUP BY window_start, window_end;
