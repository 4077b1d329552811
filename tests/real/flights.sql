-- Delays per origin, cumulating through each day in steps of three hours.
CREATE TABLE flights (
    ts TIMESTAMP(3),
    origin STRING,
    destination STRING,
    delay INT,
    distance INT,
    WATERMARK FOR ts AS ts - INTERVAL '1' MINUTE
) WITH (
    'connector' = 'filesystem',
    'path' = '${DATA}/flights/flights.ndjson',
    'format' = 'json'
);

SELECT origin, window_start, window_end, COUNT(*) AS flights, SUM(delay) AS delay_sum,
       MAX(delay) AS delay_max, COUNT(DISTINCT destination) AS destinations
FROM CUMULATE(TABLE flights, DESCRIPTOR(ts), INTERVAL '3' HOUR, INTERVAL '1' DAY)
GROUP BY origin, window_start, window_end;
