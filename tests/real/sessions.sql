-- Busy sessions: runs of five-minute counts over 30 tweets, ended by a pause of 20 minutes.
CREATE TABLE tweets (
    `timestamp` TIMESTAMP(3),
    `value` BIGINT,
    name STRING METADATA FROM 'file.name',
    WATERMARK FOR `timestamp` AS `timestamp` - INTERVAL '5' MINUTE
) WITH (
    'connector' = 'filesystem',
    'path' = '${DATA}/nab/realTweets__*.csv',
    'format' = 'csv',
    'csv.header' = 'true'
);

CREATE VIEW busy AS SELECT * FROM tweets WHERE `value` > 30;

SELECT name, window_start, window_end, COUNT(*) AS n, SUM(`value`) AS tweets, MAX(`value`) AS peak
FROM SESSION(TABLE busy PARTITION BY name, DESCRIPTOR(`timestamp`), INTERVAL '20' MINUTE)
GROUP BY name, window_start, window_end;
