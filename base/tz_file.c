/* tz_file.c -- reads a compiled time zone (TZif, RFC 8536).
 *
 *   header v1 | data with 4-byte times | header v2+ | data with 8-byte times | \n rule \n
 *
 * Version 1 files end after the first data. The bytes are not trusted: every
 * count is checked against what is left before it is used. Files with leap
 * seconds are refused, because the engine's clock is POSIX time. */
#include <stdio.h>
#include <stdlib.h>

#include "base/tz_rule.h"

enum { TZIF_HEADER_SIZE = 44, TZIF_FILE_MAX = 256 * 1024 };

struct tzif {
    const unsigned char *at, *end;
    int version;
    uint32_t isut, isstd, leap, time, type, chars; /* counts of the header's */
};

static uint32_t be32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t be_time(const unsigned char *p, unsigned size)
{
    if (size == 4)
        return (int32_t)be32(p);
    return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

static bool tzif_header(struct tzif *tzif)
{
    if (tzif->end - tzif->at < TZIF_HEADER_SIZE || memcmp(tzif->at, "TZif", 4) != 0)
        return false;
    unsigned char version = tzif->at[4];
    tzif->version = version == 0 ? 1 : version - '0';
    const unsigned char *counts = tzif->at + 20;
    tzif->isut = be32(counts);
    tzif->isstd = be32(counts + 4);
    tzif->leap = be32(counts + 8);
    tzif->time = be32(counts + 12);
    tzif->type = be32(counts + 16);
    tzif->chars = be32(counts + 20);
    tzif->at += TZIF_HEADER_SIZE;
    return tzif->version >= 1 && tzif->version <= 9 && tzif->type >= 1 && tzif->type <= 256;
}

static uint64_t tzif_data_size(const struct tzif *tzif, unsigned time_size)
{
    return (uint64_t)tzif->time * (time_size + 1) + (uint64_t)tzif->type * 6 + tzif->chars +
           (uint64_t)tzif->leap * (time_size + 4) + tzif->isstd + tzif->isut;
}

static int64_t us_of_seconds(int64_t seconds)
{
    int64_t us;
    if (__builtin_mul_overflow(seconds, LT_US_PER_SECOND, &us))
        return seconds < 0 ? INT64_MIN : INT64_MAX;
    return us;
}

static lt_status tzif_changes(const struct tzif *tzif, struct lt_arena *arena, unsigned time_size,
                              struct lt_tz_file *out)
{
    const unsigned char *times = tzif->at, *indexes = times + (size_t)tzif->time * time_size;
    const unsigned char *types = indexes + tzif->time;
    int64_t offset_us = (int32_t)be32(types) * LT_US_PER_SECOND;
    int64_t last_s = INT64_MIN;
    out->first_us = offset_us;
    out->changes = LT_ARENA_ARRAY(arena, struct lt_tz_change, tzif->time);
    if (!out->changes)
        return LT_NOMEM;
    for (uint32_t i = 0; i < tzif->time; i++) {
        int64_t at_s = be_time(times + (size_t)i * time_size, time_size);
        if (indexes[i] >= tzif->type || (i && at_s <= last_s))
            return LT_CORRUPT;
        int64_t after_us = (int32_t)be32(types + (size_t)indexes[i] * 6) * LT_US_PER_SECOND;
        if (after_us < -LT_US_PER_DAY * 2 || after_us > LT_US_PER_DAY * 2)
            return LT_CORRUPT;
        out->changes[i] = (struct lt_tz_change){us_of_seconds(at_s), offset_us, after_us};
        offset_us = after_us;
        last_s = at_s;
    }
    out->n_changes = tzif->time;
    return LT_OK;
}

static lt_status tzif_rule(const struct tzif *tzif, struct lt_tz_file *out)
{
    const char *from = (const char *)tzif->at, *end = (const char *)tzif->end;
    if (from == end || *from != '\n')
        return LT_CORRUPT;
    from++;
    const char *stop = memchr(from, '\n', (size_t)(end - from));
    if (!stop)
        return LT_CORRUPT;
    if (stop == from)
        return LT_OK; /* nothing is known about the future: the last offset stays */
    struct lt_str text = {from, (size_t)(stop - from)};
    if (!lt_tz_rule_parse(text, &out->rule))
        return LT_CORRUPT;
    out->has_rule = true;
    return LT_OK;
}

lt_status lt_tz_file_parse(struct lt_arena *arena, const void *data, size_t size,
                           struct lt_tz_file *out)
{
    struct tzif tzif = {.at = data, .end = (const unsigned char *)data + size};
    struct lt_tz_file file = {0};
    unsigned time_size = 4;
    if (!tzif_header(&tzif))
        return LT_CORRUPT;
    if (tzif.version >= 2) {
        uint64_t skip = tzif_data_size(&tzif, 4);
        if (skip > (uint64_t)(tzif.end - tzif.at))
            return LT_CORRUPT;
        tzif.at += skip;
        time_size = 8;
        if (!tzif_header(&tzif))
            return LT_CORRUPT;
    }
    uint64_t data_size = tzif_data_size(&tzif, time_size);
    if (data_size > (uint64_t)(tzif.end - tzif.at))
        return LT_CORRUPT;
    if (tzif.leap)
        return LT_UNSUPPORTED;
    LT_TRY(tzif_changes(&tzif, arena, time_size, &file));
    tzif.at += data_size;
    if (time_size == 8)
        LT_TRY(tzif_rule(&tzif, &file));
    if (file.has_rule && !file.rule.has_dst && file.n_changes == 0)
        file.first_us = file.rule.std_s * LT_US_PER_SECOND;
    *out = file;
    return LT_OK;
}

static lt_status read_whole(struct lt_arena *arena, const char *path, char **data, size_t *size,
                            bool *found)
{
    FILE *stream = fopen(path, "rbe");
    *found = stream != NULL;
    if (!stream)
        return LT_OK;
    char *bytes = lt_arena_get(arena, TZIF_FILE_MAX);
    size_t len = bytes ? fread(bytes, 1, TZIF_FILE_MAX, stream) : 0;
    bool bad = ferror(stream) != 0; /* a directory opens but does not read */
    fclose(stream);
    if (!bytes)
        return LT_NOMEM;
    *found = !bad;
    *data = bytes;
    *size = len;
    return LT_OK;
}

lt_status lt_tz_file_read(struct lt_arena *arena, struct lt_str name, struct lt_tz_file *out,
                          bool *found, struct lt_error *err)
{
    const char *root = getenv("TZDIR");
    struct lt_str path;
    char *data = NULL;
    size_t size = 0;
    LT_TRY(lt_arena_printf(arena, &path, "%s/%.*s", root && *root ? root : "/usr/share/zoneinfo",
                           LT_STR_ARG(name)));
    LT_TRY(read_whole(arena, path.data, &data, &size, found));
    if (!*found)
        return LT_OK;
    lt_status status = lt_tz_file_parse(arena, data, size, out);
    if (status == LT_CORRUPT)
        return lt_fail(err, status, "'%s' is not a time zone file", path.data);
    if (status == LT_UNSUPPORTED)
        return lt_fail(err, status, "time zone '%.*s' counts leap seconds; take '%s'",
                       LT_STR_ARG(name), "the name without 'right/'");
    return status;
}
