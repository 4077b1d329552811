-- How late do flights leave? A TUMBLE window of one day over a file of flights.
CREATE TABLE flights (
    ts TIMESTAMP(3),
    origin STRING,
    destination STRING,
    delay INT,
    distance INT,
    WATERMARK FOR ts AS ts - INTERVAL '1' MINUTE
) WITH (
    'connector' = 'filesystem',
    'path' = 'examples/data/flights.ndjson',
    'format' = 'json'
);

SELECT
    window_start,
    COUNT(*) AS flights,
    AVG(delay) AS mean_delay,
    MAX(delay) AS worst_delay
FROM TUMBLE(TABLE flights, DESCRIPTOR(ts), INTERVAL '1' DAY)
GROUP BY window_start, window_end;
