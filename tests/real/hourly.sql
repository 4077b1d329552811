-- Hourly mean, min and max of every series, over all files of a folder at once.
CREATE TABLE series (
    `timestamp` TIMESTAMP(3),
    `value` DOUBLE,
    name STRING METADATA FROM 'file.name',
    WATERMARK FOR `timestamp` AS `timestamp` - INTERVAL '1' HOUR
) WITH (
    'connector' = 'filesystem',
    'path' = '${DATA}/nab/*.csv',
    'format' = 'csv',
    'csv.header' = 'true'
);

SELECT name, window_start, COUNT(*) AS n, AVG(`value`) AS mean, MIN(`value`) AS low, MAX(`value`) AS high
FROM TUMBLE(TABLE series, DESCRIPTOR(`timestamp`), INTERVAL '1' HOUR)
GROUP BY name, window_start, window_end;
